import type { AgentState } from './agent-state.ts';
import { untilDrawMs } from './bucket.ts';
import type { AttemptSlot, Doubt, JournalRecord } from './journal-entry.ts';
import { refusalPaceMs, untilMs, untilRefreshMs } from './schedule.ts';
import { doubtIn, pendingCandidate } from './slots.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import { remainingMs } from './token.ts';

/** What an idle agent does next, and when. The only place that decides whether an exchange may start. */
export type Plan =
  | { readonly do: 'open' }
  | { readonly do: 'attempt'; readonly slot: AttemptSlot }
  /** `after` milliseconds the same question has another answer; `reason` says what is waited for. */
  | { readonly do: 'wait'; readonly afterMs: number; readonly for: WaitReason }
  /** Nothing to do until something happens. */
  | { readonly do: 'rest' };

export type WaitReason =
  | 'holder'
  | 'store'
  | 'refresh'
  | 'replay'
  | 'refusal-pace'
  | 'backoff'
  | 'retry-after'
  | 'bucket';

export function plan(state: AgentState, now: Stamp): Plan {
  if (!state.opened) {
    return waitOr({ do: 'open' }, [
      [state.heldElsewhere === null ? 'store' : 'holder', pauseMs(state.backoffUntil, now)],
    ]);
  }
  const { record, settings } = state;
  if (record === null || !settings.exchanges) return { do: 'rest' };
  const slot = slotToSpend(state);
  if (slot === null) return { do: 'rest' };
  // A refresh on request skips our own pause, but in a doubt it waits for the replay like everybody.
  const forced = state.refreshRequests.length > 0 && doubtIn(state, slot) === null;
  return waitOr({ do: 'attempt', slot }, [
    dueIn(state, record, slot, now),
    ['backoff', forced ? 0 : pauseMs(state.backoffUntil, now)],
    ['retry-after', pauseMs(state.retryAfterUntil, now)],
    ['bucket', untilDrawMs(record.bucket, settings.maxExchangesPerMinute, now)],
  ]);
}

/** Which secret the next attempt would spend; null where none may be sent without a person. */
export function slotToSpend(state: AgentState): AttemptSlot | null {
  const { record, settings } = state;
  if (record === null) return null;
  const halts = settings.inDoubt === 'halt' && settings.rotates;
  if (pendingCandidate(state) !== null)
    return halts && awaitsPerson(doubtIn(state, 'candidate')) ? null : 'candidate';
  if (state.blocked !== null || state.current === null) return null;
  if (halts && awaitsPerson(record.current.doubt)) return null;
  return refusedSlot(record, halts) ?? 'current';
}

/** Whether a doubt stands in which nothing may be sent under `halt`. */
export function awaitsPerson(doubt: Doubt | null): boolean {
  return doubt !== null && doubt.mayReplay !== true;
}

/** After a refusal the previous secret is tried at once, and later in turn with the current one. */
function refusedSlot(record: JournalRecord, halts: boolean): AttemptSlot | null {
  const { refusal, previous } = record;
  if (refusal === null || previous === null || halts) return null;
  if (refusal.kind === 'suspected') return 'previous';
  return refusal.tries % 2 === 1 ? 'current' : 'previous';
}

/** The reason to wait that is the slot's own. */
function dueIn(
  state: AgentState,
  record: JournalRecord,
  slot: AttemptSlot,
  now: Stamp,
): [WaitReason, number] {
  const { token, settings } = state;
  const tokenLives = token !== null && tokenUsable(state, now);
  const doubt = doubtIn(state, slot);
  const { refusal } = record;
  if (slot !== 'candidate' && refusal !== null && refusal.kind !== 'suspected') {
    return ['refusal-pace', Math.max(0, refusalPaceMs - elapsedMs(refusal.lastTryAt, now))];
  }
  if (doubt !== null) return ['replay', tokenLives ? untilOverMs(doubt, now) : 0];
  if (slot !== 'current' || !tokenLives || refreshWanted(state)) return ['refresh', 0];
  return ['refresh', untilRefreshMs(token, settings.refresh, now)];
}

/** Asked for, or tried in vain: then only the pauses hold it back, and what is said to fail is not left untried. */
function refreshWanted({ refreshRequests, refreshTrouble, storeTrouble }: AgentState): boolean {
  return refreshRequests.length > 0 || refreshTrouble !== null || storeTrouble !== null;
}

/** Across a reboot the wall clock may have been set back: no attempt lasts longer than the longest deadline (DESIGN §6). */
function untilOverMs(doubt: Doubt, now: Stamp): number {
  return Math.min(untilMs(doubt.overAt, now), longestDeadlineMs);
}

const longestDeadlineMs = 20_000;

/** Whether the held token may be served: alive, and not known to be rejected. */
export function tokenUsable(state: AgentState, now: Stamp): boolean {
  const { token, record } = state;
  return token !== null && record?.rejectedSequence !== token.sequence && remainingMs(token, now) > 0;
}

function pauseMs(until: Stamp | null, now: Stamp): number {
  return until === null ? 0 : untilMs(until, now);
}

/** The longest of the waits, or the deed where none is left. */
function waitOr(deed: Plan, waits: readonly (readonly [WaitReason, number])[]): Plan {
  let longest: readonly [WaitReason, number] | null = null;
  for (const wait of waits) if (wait[1] > 0 && (longest === null || wait[1] > longest[1])) longest = wait;
  return longest === null ? deed : { do: 'wait', afterMs: longest[1], for: longest[0] };
}
