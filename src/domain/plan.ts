import type { AgentState } from './agent-state.ts';
import { untilDrawMs } from './bucket.ts';
import type { AttemptSlot, Doubt, JournalRecord } from './journal-entry.ts';
import { isCondemned, isDead, isReported, untilLookMs } from './rejection.ts';
import { refusalPaceMs, untilMs, untilRefreshMs } from './schedule.ts';
import { doubtIn, pendingCandidate } from './slots.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import { lifeMs, remainingMs, type Token } from './token.ts';

/** What an idle agent does next, and when. The only place that decides whether an exchange or a probe may start. */
export type Plan =
  | { readonly do: 'open' }
  | { readonly do: 'attempt'; readonly slot: AttemptSlot }
  /** Shows the token to the server. */
  | { readonly do: 'probe'; readonly token: Token }
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
  | 'bucket'
  | 'probe';

export function plan(state: AgentState, now: Stamp): Plan {
  return sooner(planAttempt(state, now), planProbe(state, now));
}

/** The next exchange alone: what a status and whoever waits for a token ask for. */
export function planAttempt(state: AgentState, now: Stamp): Plan {
  if (!state.opened) {
    return waitOr({ do: 'open' }, [
      [state.heldElsewhere === null ? 'store' : 'holder', pauseMs(state.backoffUntil, now)],
    ]);
  }
  const { record, settings } = state;
  if (record === null || !settings.exchanges) return { do: 'rest' };
  const slot = slotToSpend(state);
  if (slot === null || (slot === 'current' && isServedAsItIs(state, record))) return { do: 'rest' };
  // A refresh on request skips our own pause, but in a doubt it waits for the replay like everybody.
  const forced = state.refreshRequests.length > 0 && doubtIn(state, slot) === null;
  return waitOr({ do: 'attempt', slot }, [
    dueIn(state, record, slot, now),
    ['backoff', forced ? 0 : pauseMs(state.backoffUntil, now)],
    ['retry-after', pauseMs(state.retryAfterUntil, now)],
    ['bucket', untilDrawMs(record.bucket, settings.maxExchangesPerMinute, now)],
  ]);
}

/** A secret that is the token need not be fetched again: it is served until its end, and after that only a person helps. */
function isServedAsItIs(state: AgentState, record: JournalRecord): boolean {
  const { settings, token } = state;
  if (settings.exchange || token === null || record.refusal !== null || refreshWanted(state)) return false;
  return !isDead(state) && lifeMs(settings, token) === token.ttlMs;
}

/** Requests, and all that waits for them, go before a probe. */
function planProbe(state: AgentState, now: Stamp): Plan {
  const { token, settings, refreshRequests, probeAfter } = state;
  const { probeEveryMs } = settings;
  if (!state.opened || !settings.exchanges || probeEveryMs === null || refreshRequests.length > 0)
    return { do: 'rest' };
  if (token === null || isDead(state) || remainingMs(token, now) === 0) return { do: 'rest' };
  return waitOr({ do: 'probe', token }, [
    ['probe', untilProbeMs(state, token, probeEveryMs, now)],
    ['probe', pauseMs(probeAfter, now)],
  ]);
}

/** A report has its own pace, and what is not proved yet is shown at once. */
function untilProbeMs(state: AgentState, token: Token, everyMs: number, now: Stamp): number {
  if (isReported(state) && state.report?.looked !== true) return untilLookMs(state, now);
  if (!isReported(state) && !isProved(state)) return 0;
  return everyMs - elapsedMs(state.probedAt ?? token.sentAt, now);
}

/** A deed before a wait, an exchange before a probe. */
function sooner(attempt: Plan, probe: Plan): Plan {
  if (attempt.do !== 'wait') return attempt.do === 'rest' ? probe : attempt;
  if (probe.do === 'wait') return probe.afterMs < attempt.afterMs ? probe : attempt;
  return probe.do === 'rest' ? attempt : probe;
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
  const tokenLives = token !== null && isAlive(state, token, now);
  const doubt = doubtIn(state, slot);
  const { refusal } = record;
  if (slot !== 'candidate' && refusal !== null && refusal.kind !== 'suspected') {
    return ['refusal-pace', Math.max(0, refusalPaceMs - elapsedMs(refusal.lastTryAt, now))];
  }
  if (doubt !== null) return ['replay', tokenLives ? untilReplayMs(doubt, token, now) : 0];
  if (slot !== 'current' || !tokenLives || refreshWanted(state)) return ['refresh', 0];
  // Another end was configured: what is served as it is has no refresh on which it would be taken up.
  if (!state.settings.exchange) return ['refresh', 0];
  const regular = untilRefreshMs(token, settings.refresh, now);
  return ['refresh', exchangeConfirms(state) ? Math.min(regular, untilLookMs(state, now)) : regular];
}

/** Whether an exchange is what a report about the token leads to: where no probe can tell, or one told already. */
function exchangeConfirms(state: AgentState): boolean {
  if (!isReported(state)) return false;
  return state.settings.probeEveryMs === null || state.report?.looked === true;
}

/** Asked for, or tried in vain: then only the pauses hold it back, and what is said to fail is not left untried. */
function refreshWanted({ refreshRequests, refreshTrouble, storeTrouble }: AgentState): boolean {
  return refreshRequests.length > 0 || refreshTrouble !== null || storeTrouble !== null;
}

/**
 * As long as the token serves, another pod has time to put the answer into the store that it shares with us: a replay could
 * only spoil that. The last part of the token's life is for the replay.
 */
function untilReplayMs(doubt: Doubt, token: Token, now: Stamp): number {
  const overMs = untilOverMs(doubt, now);
  if (doubt.elsewhere !== true) return overMs;
  return Math.max(overMs, remainingMs(token, now) - Math.min(replayAheadMs, token.ttlMs * replayAheadShare));
}

const replayAheadMs = 120_000;
const replayAheadShare = 0.1;

/** Across a reboot the wall clock may have been set back: no attempt lasts longer than the longest deadline (DESIGN §6). */
function untilOverMs(doubt: Doubt, now: Stamp): number {
  return Math.min(untilMs(doubt.overAt, now), longestDeadlineMs);
}

const longestDeadlineMs = 20_000;

/** Whether the held token may be served: alive, not known to be rejected, and proved where it may have died meanwhile. */
export function tokenUsable(state: AgentState, now: Stamp): boolean {
  const { token } = state;
  if (token === null || isDead(state) || isCondemned(state)) return false;
  return isProved(state) && remainingMs(token, now) > 0;
}

/** Whether a token of an earlier life may have been revoked since. */
function isProved({ settings, proved }: AgentState): boolean {
  return proved || !settings.tokensRevocable;
}

/** Whether no other token is needed: a probe that works tells soon whether this one does. */
function isAlive(state: AgentState, token: Token, now: Stamp): boolean {
  if (isDead(state) || remainingMs(token, now) === 0) return false;
  return isProved(state) || (state.settings.probeEveryMs !== null && state.probeFailures === 0);
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
