import type { AgentState } from './agent-state.ts';
import type { JournalRecord, Rejections } from './journal-entry.ts';
import { elapsedMs, type Stamp } from './stamp.ts';

/**
 * Tokens that the server rejects before their time (DESIGN §4, §7). One report never destroys anything: it leads to one look
 * by a probe or one exchange. Where the token that came of it is rejected again, it is no revocation, and the looks get rare.
 */

const paceBaseMs = 60_000;
const paceCeilingMs = 60 * 60_000;
/** A revocation that was healed at once is still told for so long, milliseconds. */
export const justReplacedMs = 60_000;
/** A rejection later than this after the last one is a new story. */
const storyMs = 10 * 60_000;

/** Milliseconds from one look to the next after so many tokens in a row: none, then 1 minute to 1 hour. */
function rejectionPaceMs(streak: number): number {
  return streak === 0 ? 0 : Math.min(paceCeilingMs, paceBaseMs * 2 ** Math.min(streak - 1, 30));
}

type Looker = Pick<AgentState, 'record' | 'settings'>;

/** How many tokens in a row were rejected soon after they had been issued; 0 where the last such story is over. */
export function rejectionStreak({ record, settings }: Looker, now: Stamp): number {
  const streak = record?.rejections?.streak ?? 0;
  return untilStoryOverMs({ record, settings }, now) > 0 ? streak : 0;
}

/** Milliseconds until another rejection would be a new story. */
export function untilStoryOverMs({ record, settings }: Looker, now: Stamp): number {
  const rejections = record?.rejections ?? null;
  if (rejections === null) return 0;
  const { streak, lastAt } = rejections;
  const lastsMs = Math.max(storyMs, 2 * rejectionPaceMs(streak), 2 * (settings.probeEveryMs ?? 0));
  return Math.max(0, lastsMs - elapsedMs(lastAt, now));
}

/** Milliseconds until the next look at a token that somebody was refused with. */
export function untilLookMs(state: Looker, now: Stamp): number {
  const lastAt = state.record?.rejections?.lastAt ?? now;
  return Math.max(0, rejectionPaceMs(rejectionStreak(state, now)) - elapsedMs(lastAt, now));
}

/** What is remembered of a look that found nothing wrong with this token. */
export function afterLook(state: Looker, now: Stamp): Rejections {
  const streak = rejectionStreak(state, now);
  const since = streak === 0 ? now : (state.record?.rejections?.since ?? now);
  return { streak: streak + 1, since, lastAt: now };
}

/** What is remembered of a look that brought another token. */
export function afterReplacement(state: Looker, now: Stamp): Rejections {
  return { ...afterLook(state, now), replaced: true };
}

/** The newest token is dead: it is never served again, whatever happens next. */
export function withDeadToken(
  record: JournalRecord,
  sequence: number,
  state: Looker,
  now: Stamp,
): JournalRecord {
  const streak = rejectionStreak(state, now);
  return { ...record, rejectedSequence: sequence, rejections: { streak, since: now, lastAt: now } };
}

/** Whether somebody was refused with the token that is held now. */
export function isReported({ report, token }: Pick<AgentState, 'report' | 'token'>): boolean {
  return report !== null && report.sequence === token?.sequence;
}

/** Whether the server is known to reject the token that is held now. */
export function isDead({ record, token }: Pick<AgentState, 'record' | 'token'>): boolean {
  return token !== null && record?.rejectedSequence === token.sequence;
}

/** Whether the token that is held now is known for certain to be dead, and that could not be made durable yet. */
export function isCondemned(state: Pick<AgentState, 'report' | 'token'>): boolean {
  return isReported(state) && state.report?.certain === true;
}

/** Whether another token than the one that is held now takes the place of one that somebody was refused with. */
export function replacesRejected(state: Pick<AgentState, 'record' | 'token' | 'report'>): boolean {
  return isReported(state) || isDead(state);
}
