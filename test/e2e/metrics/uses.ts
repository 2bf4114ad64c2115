import {
  committedDashboard,
  panelQueries,
  variableQueries,
} from '../../support/prometheus/dashboard-file.ts';
import { partsOf } from '../../support/prometheus/promql.ts';
import {
  alertingRules,
  inputSeries,
  labelsOfRecord,
  recordingRules,
} from '../../support/prometheus/rule-files.ts';
import type { Scrape } from '../../support/prometheus/scrape.ts';

/** Who uses the metrics: rules, their tests, and the dashboard. */

/** The queries of the rules and of their tests. */
export function ruleQueries(): readonly string[] {
  return [...recordingRules(), ...alertingRules()].map(({ expr }) => expr).concat(inputSeries());
}

export function dashboardQueries(): readonly string[] {
  const dashboard = committedDashboard();
  return [...panelQueries(dashboard), ...variableQueries(dashboard)];
}

/** The labels of everything that a rule can ask for: what the daemon exports, what is recorded, and `up`. */
export function labelsForRules(scrape: Scrape): ReadonlyMap<string, ReadonlySet<string>> {
  const recorded = new Map<string, Set<string>>();
  for (const rule of recordingRules()) {
    const labels = recorded.get(rule.record) ?? new Set();
    recorded.set(rule.record, new Set([...labels, ...labelsOfRecord(rule)]));
  }
  return new Map([...scrape.labelsByName(), ...recorded, ['up', new Set<string>()]]);
}

/** The metrics that neither a rule nor the dashboard asks for. */
export function unusedMetrics(scrape: Scrape): readonly string[] {
  const queries = [...recordingRules(), ...alertingRules()]
    .map(({ expr }) => expr)
    .concat(dashboardQueries());
  const used = queries.flatMap((query) => partsOf(query).selectors.map(({ name }) => name));
  const isUsed = (name: string) => used.some((each) => each.replace(/_(bucket|sum|count)$/, '') === name);
  return [...scrape.metrics.keys()].filter((name) => !used.includes(name) && !isUsed(name));
}
