import type { AgentEffect, Transition } from './agent-effect.ts';
import type { AgentEvent, Failure, Moment } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import { draw } from './bucket.ts';
import type { Attempt, AttemptSlot, JournalRecord } from './journal-entry.ts';
import { withIntent } from './ledger.ts';
import { blockedFailure } from './obstacle.ts';
import { planAttempt } from './plan.ts';
import { compareStore } from './reconcile.ts';
import { credentialIn } from './slots.ts';
import { elapsedMs } from './stamp.ts';
import { failRefreshes, reopen, rest } from './transition-advance.ts';
import { adopt, recommit } from './transition-open.ts';
import { after, asTransition, paused, pausedForStore, troubleSince, unchanged } from './transition-parts.ts';
import { supersede } from './transition-standby.ts';

/** One exchange from the pre-flight to the saved answer (DESIGN §3, steps 2 to 7). */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

const disconnect: AgentEffect = { do: 'disconnect' };

/** The store was read again inside the locks, everything can be written, and a connection stands ready. */
export function onPrepared(state: AgentState, event: Of<'prepared'>, moment: Moment): Transition<AgentState> {
  const { phase, record } = state;
  if (phase.name !== 'preparing' || record === null) return asTransition(state, disconnect);
  const place = { identity: state.identity ?? '', origin: state.settings.origin };
  const verdict = compareStore(record, event.view, place);
  const usable: AgentState = { ...state, storeTrouble: null };
  if (verdict.kind === 'adopt') return after([disconnect], adopt(usable, record, verdict.secret));
  if (verdict.kind === 'recommit') return after([disconnect], recommit(usable, record, verdict.secret));
  const read: AgentState = { ...usable, current: verdict.current, candidate: verdict.candidate };
  if (verdict.kind === 'blocked') {
    const blocked: AgentState = { ...read, blocked: troubleSince(state.blocked, verdict, moment) };
    const next = planAttempt({ ...blocked, phase: { name: 'waiting' } }, moment.now);
    if (next.do !== 'attempt') {
      const failed = failRefreshes(blocked, blockedFailure(verdict, state.settings), moment);
      return after([disconnect, ...failed.effects], rest(failed.state, moment));
    }
    return beginAttempt(blocked, record, phase.slot, moment);
  }
  return beginAttempt({ ...read, blocked: null }, record, phase.slot, moment);
}

function beginAttempt(
  state: AgentState,
  record: JournalRecord,
  slot: AttemptSlot,
  moment: Moment,
): Transition<AgentState> {
  const next = planAttempt({ ...state, phase: { name: 'waiting' } }, moment.now);
  const stillDue =
    !state.stopping &&
    state.queuedHandOver === null &&
    state.queuedSettings === null &&
    next.do === 'attempt' &&
    next.slot === slot;
  const spent = credentialIn(state, slot);
  if (!stillDue || spent === null) return after([disconnect], rest(state, moment));
  const { settings } = state;
  const attempt: Attempt = {
    id: moment.id,
    slot,
    generation: record.generation,
    fingerprint: spent.fingerprint,
    sentAt: moment.now,
    deadlineMs: settings.exchangeDeadlineMs,
    ttlMs: settings.ttlMs,
  };
  const bucket = draw(record.bucket, settings.maxExchangesPerMinute, moment.now);
  const intended = withIntent(record, attempt, bucket);
  return asTransition(
    { ...state, phase: { name: 'saving-intent', attempt, record: intended } },
    { do: 'save-intent', record: intended },
  );
}

/** The answer could not be kept now, so no request goes out; the token is served on. */
export function onStoreFailed(
  state: AgentState,
  event: Of<'store-failed'>,
  moment: Moment,
): Transition<AgentState> {
  const { failure } = event;
  const storeTrouble = troubleSince(state.storeTrouble, failure, moment);
  const next = pausedForStore({ ...state, storeTrouble }, moment);
  const failed = failRefreshes(next, { code: 'STORE_UNAVAILABLE', detail: failure.detail }, moment);
  return after([note('store-failed', failure), ...failed.effects], rest(failed.state, moment));
}

export function onLockLost(state: AgentState): Transition<AgentState> {
  return reopen(state);
}

export function onNotConnected(
  state: AgentState,
  event: Of<'not-connected'>,
  moment: Moment,
): Transition<AgentState> {
  const { failure } = event;
  const trouble = troubleSince(state.refreshTrouble, failure, moment);
  const next = paused({ ...state, storeTrouble: null, refreshTrouble: trouble }, null, moment);
  const failed = failRefreshes(next, failure, moment);
  return after([note('not-connected', failure), ...failed.effects], rest(failed.state, moment));
}

export function onIntentSaved(state: AgentState, _event: Of<'intent-saved'>): Transition<AgentState> {
  const { phase } = state;
  if (phase.name !== 'saving-intent') return unchanged(state);
  const { attempt, record } = phase;
  const spent = credentialIn(state, attempt.slot);
  if (spent === null) return unchanged(state);
  return asTransition(
    { ...state, record, phase: { name: 'exchanging', attempt } },
    { do: 'exchange', attempt, secret: spent.text },
  );
}

export function onIntentFailed(
  state: AgentState,
  event: Of<'intent-failed'>,
  moment: Moment,
): Transition<AgentState> {
  if (event.failure.code === 'AGENT_HELD') return after([disconnect], supersede(state, event.failure));
  return after([disconnect], onStoreFailed(state, { type: 'store-failed', failure: event.failure }, moment));
}

/** Raw first: whatever arrived is on disk before anyone looks into it. */
export function onAnswered(
  state: AgentState,
  { answer }: Of<'answered'>,
  moment: Moment,
): Transition<AgentState> {
  const { phase } = state;
  if (phase.name !== 'exchanging') return unchanged(state);
  const { attempt } = phase;
  const answeredAt = moment.now;
  if (answer.kind !== 'http') {
    return asTransition(
      { ...state, phase: { name: 'interpreting', attempt, answeredAt } },
      { do: 'interpret', answer },
    );
  }
  const saving: AgentState = { ...state, phase: { name: 'saving-raw', attempt, answer, answeredAt } };
  return asTransition(saving, { do: 'save-raw', raw: { attempt, answer } });
}

export function onRawSaved(
  state: AgentState,
  _event: Of<'raw-saved'>,
  moment: Moment,
): Transition<AgentState> {
  const { phase } = state;
  if (phase.name !== 'saving-raw') return unchanged(state);
  const durable: AgentEffect = {
    do: 'note',
    note: { event: 'answer-durable', tookMs: elapsedMs(phase.answeredAt, moment.now) },
  };
  return after([durable], interpret({ ...state, answerKept: true }));
}

/** The disk refused the answer. It is still in memory, and the store may take the secret: go on and see. */
export function onRawFailed(state: AgentState, { failure }: Of<'raw-failed'>): Transition<AgentState> {
  return after([note('raw-not-saved', failure)], interpret({ ...state, answerKept: false }));
}

function interpret(state: AgentState): Transition<AgentState> {
  const { phase } = state;
  if (phase.name !== 'saving-raw') return unchanged(state);
  const { attempt, answer, answeredAt } = phase;
  return asTransition(
    { ...state, phase: { name: 'interpreting', attempt, answeredAt } },
    { do: 'interpret', answer },
  );
}

function note(event: 'store-failed' | 'not-connected' | 'raw-not-saved', failure: Failure): AgentEffect {
  return { do: 'note', note: { event, code: failure.code, detail: failure.detail } };
}
