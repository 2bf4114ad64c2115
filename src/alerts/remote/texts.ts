import { alertCatalogue, isAlertCode, runbookAnchor } from '../../domain/alert-catalogue.ts';
import type { CatalogueEntry } from '../../domain/file-alerts.ts';
import type { AlertNotice } from '../../ports/alert-channel.ts';

/** What people read of an alert, whichever way it comes to them. */

const testEntry: CatalogueEntry = {
  severities: ['info'],
  summary: 'a test of the alerts, nothing is wrong',
  meaning: 'Somebody ran `tokenward alerts test` on this host. This channel works.',
  steps: ['Nothing.'],
};

export function entryOf({ code }: AlertNotice): CatalogueEntry | null {
  if (code === 'TEST') return testEntry;
  return isAlertCode(code) ? alertCatalogue[code] : null;
}

/** Agent, code and number: the same for every notice of one alert, whatever its severity. */
export function idOf({ agent, code, ordinal }: AlertNotice): string {
  return `${agent ?? '*'}/${code}/${ordinal}`;
}

/** One line: whom it is about, and what is wrong in a few words. */
export function headline(notice: AlertNotice, host: string): string {
  const { agent, code } = notice;
  const where = agent === null ? `tokenward on ${host}` : `${agent} on ${host}`;
  return `${where}: ${entryOf(notice)?.summary ?? code}`;
}

/** The sentence of the alert; with how often it came and went, where that is why it was not told before. */
export function sentence({ summary, flapped }: AlertNotice): string {
  if (flapped === 0) return summary;
  return `${summary} (flapped ${flapped} ${flapped === 1 ? 'time' : 'times'} since it was last told)`;
}

/** `runbooks` is where the page can be read; null = a path in the repository and in the package. */
export function runbookOf({ code }: AlertNotice, runbooks: string | null): string {
  return `${runbooks ?? 'docs/runbooks.md'}${runbookAnchor(code)}`;
}

/** The notice as a program reads it; docs/alerts.md describes each member. */
export function bodyOf(notice: AlertNotice, host: string, runbooks: string | null) {
  const { status, agent, code, severity, since, endedAt, flapped } = notice;
  const entry = entryOf(notice);
  return {
    version: 1,
    status,
    id: idOf(notice),
    host,
    agent,
    code,
    severity,
    since,
    ended_at: endedAt,
    headline: headline(notice, host),
    summary: notice.summary,
    flapped,
    meaning: entry?.meaning ?? null,
    steps: (entry?.steps ?? []).map((step) => step.replaceAll('AGENT', agent ?? 'AGENT')),
    runbook_url: runbookOf(notice, runbooks),
    test: code === 'TEST',
  };
}
