import type { JournalFacts, RecoveryReport, ServerFacts, ServerFinding } from './recovery-report.ts';

/**
 * What the server's own list of secrets adds to a report. It tells when a secret was last changed, and by that whether an
 * exchange whose answer is missing was committed.
 */

/** The entry of the agent's secret. Times are milliseconds since 1970, as all here. */
export interface ListedSecret {
  readonly name: string;
  readonly status: string | null;
  readonly modifiedAtMs: number | null;
}

/** Moments of the report as the caller's clock counts them. */
export type ParseTime = (iso: string) => number;
export type FormatTime = (ms: number) => string;

/** Between the server's clock and ours, milliseconds. Half the time between two exchanges is the most that can be allowed for. */
const clockDifferenceMs = 120_000;

/** `listed` null: the server has no secret of that name. */
export function withServerList(
  report: RecoveryReport,
  name: string,
  listed: ListedSecret | null,
  { parseTime, formatTime }: { readonly parseTime: ParseTime; readonly formatTime: FormatTime },
): RecoveryReport {
  const finding = findingOf(report, listed, parseTime);
  const modifiedAtMs = listed?.modifiedAtMs ?? null;
  const server: ServerFacts = {
    name,
    status: listed?.status ?? null,
    modified_at: modifiedAtMs === null ? null : formatTime(modifiedAtMs),
    finding,
    summary: summaries[finding],
  };
  return advised({ ...report, server }, finding);
}

const summaries: Readonly<Record<ServerFinding, string>> = {
  absent: 'the server has no secret of that name: it was removed, or has another name there (--name)',
  revoked: 'the server does not honour it any more: it was revoked',
  'changed-since':
    'the server has changed it since we last heard of it: a newer secret exists than the one that is here',
  unchanged:
    'the server has not changed it since we last heard of it: the secret that was given last is still good',
  unclear: 'the times do not tell whether the server has changed it since we last heard of it',
};

function findingOf(report: RecoveryReport, listed: ListedSecret | null, parseTime: ParseTime): ServerFinding {
  if (listed === null) return 'absent';
  if (listed.status !== null && listed.status.toUpperCase() !== 'ACTIVE') return 'revoked';
  const granted = grantedAt(report);
  const sent = unansweredSince(report);
  if (listed.modifiedAtMs === null || (granted === null && sent === null)) return 'unclear';
  const grantedMs = granted === null ? null : parseTime(granted);
  if (sent === null)
    return grantedMs !== null && listed.modifiedAtMs > grantedMs + clockDifferenceMs
      ? 'changed-since'
      : 'unchanged';
  const sentMs = parseTime(sent);
  const apart = grantedMs === null ? clockDifferenceMs : Math.max(0, (sentMs - grantedMs) / 2);
  return listed.modifiedAtMs > sentMs - Math.min(clockDifferenceMs, apart) ? 'changed-since' : 'unchanged';
}

/** When the server last gave us something, as far as it is still known. */
function grantedAt({ session, journal }: RecoveryReport): string | null {
  if (session !== null && session !== 'unreadable') return session.granted_at;
  const last = journalOf(journal)?.last_exchange ?? null;
  return last?.outcome === 'granted' ? last.at : null;
}

/** When the first of the attempts was sent of which nobody knows how they ended. */
function unansweredSince({ journal }: RecoveryReport): string | null {
  const known = journalOf(journal);
  return known?.doubt?.since ?? known?.open_attempt?.sent_at ?? null;
}

function journalOf(journal: RecoveryReport['journal']): JournalFacts | null {
  return journal === 'unreadable' ? null : journal;
}

/** An action that spends the secret which is here is no safe step where the server has another one. */
function advised(report: RecoveryReport, finding: ServerFinding): RecoveryReport {
  const { recommended, agent } = report;
  const isSpent = finding === 'absent' || finding === 'revoked' || finding === 'changed-since';
  if (!isSpent || recommended === null || recommended === 'set-aside-unreadable') return report;
  // What the server changed it to may be just what the answer holds.
  if (finding === 'changed-since' && recommended === 'finish-from-answer') return report;
  const advice = `the secret that is here is not good any more, so only a new one helps: run \`tokenward enroll ${agent}\``;
  return { ...report, recommended: null, remedy: 'new-secret', advice };
}
