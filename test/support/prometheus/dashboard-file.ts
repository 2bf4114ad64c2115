import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './rule-files.ts';

/** The dashboard in deploy/grafana, as far as tests look at it. */

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: unknown;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string | { readonly query: string };
    }[];
  };
}

export function committedDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(repository, 'deploy/grafana/tokenward.json'), 'utf8')) as Dashboard;
}

/** Every query of a panel, with values where Grafana would put its variables. */
export function panelQueries({ panels }: Dashboard): readonly string[] {
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => filledIn(expr)));
}

/** The series that the variables are made from. */
export function variableQueries({ templating }: Dashboard): readonly string[] {
  return templating.list.flatMap(({ query }) => {
    const text = typeof query === 'string' ? query : query.query;
    const [, series, label] = /^label_values\((.*), ([a-z_]+)\)$/.exec(text) ?? [];
    return series === undefined ? [] : [`count by (${label}) (${filledIn(series)})`];
  });
}

function filledIn(query: string): string {
  return query
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$__range', '1h')
    .replaceAll(/\$[a-z]+/g, '.+');
}
