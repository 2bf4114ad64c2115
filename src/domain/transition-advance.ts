import type { AgentEffect, ReplyError, ReplyTopic, Transition } from './agent-effect.ts';
import type { Failure, Moment } from './agent-event.ts';
import type { AgentState, HandOver, QueuedSettings, Trouble } from './agent-state.ts';
import { fullBucket } from './bucket.ts';
import { firstRecord, withCandidate } from './ledger.ts';
import { handOverObstacle, refreshObstacle } from './obstacle.ts';
import { plan } from './plan.ts';
import type { SaveStep } from './save-step.ts';
import { backoffCapMs, backoffMs, expiryCriticalShare, expiryWarningShare, untilMs } from './schedule.ts';
import { addMs, type Stamp } from './stamp.ts';
import { remainingMs } from './token.ts';

/** What all transitions share: going on after something ended, pausing after a failure, answering requests. */

export function asTransition(state: AgentState, ...effects: readonly AgentEffect[]): Transition<AgentState> {
  return { state, effects };
}

export function unchanged(state: AgentState): Transition<AgentState> {
  return { state, effects: [] };
}

/** The transition with more effects before its own. */
export function after(effects: readonly AgentEffect[], next: Transition<AgentState>): Transition<AgentState> {
  return { state: next.state, effects: [...effects, ...next.effects] };
}

/** Starts what is due, if nothing is under way. Called whenever something ended, and by the timer. */
export function advance(state: AgentState, moment: Moment): Transition<AgentState> {
  if (state.phase.name !== 'waiting') return unchanged(state);
  if (state.stopping) return stop(state);
  if (state.queuedSettings !== null) return adoptSettings(state, state.queuedSettings, moment);
  const [maintenance, ...queuedMaintenance] = state.queuedMaintenance;
  if (maintenance !== undefined) {
    const admitted = reply(maintenance, 'admitted', null);
    return asTransition({ ...state, queuedMaintenance, phase: { name: 'maintenance' } }, admitted);
  }
  if (state.queuedHandOver !== null) return startHandOver(state, state.queuedHandOver, moment);
  const next = plan(state, moment.now);
  switch (next.do) {
    case 'open':
      return asTransition({ ...state, phase: { name: 'opening' } }, { do: 'open' });
    case 'attempt':
      return asTransition({ ...state, phase: { name: 'preparing', slot: next.slot } }, { do: 'prepare' });
    case 'wait':
    case 'rest':
      return toldOfObstacle(state, moment);
  }
}

/**
 * Somebody mended something, or wants it otherwise: our own pauses are over. A secret is bound to its server, so with another
 * one everything is judged as at a start.
 */
function adoptSettings(
  waiting: AgentState,
  { settings, requests }: QueuedSettings,
  moment: Moment,
): Transition<AgentState> {
  const moved = settings.origin !== waiting.settings.origin;
  const state: AgentState = {
    ...waiting,
    settings,
    queuedSettings: null,
    failures: 0,
    backoffUntil: null,
    retryAfterUntil: moved ? null : waiting.retryAfterUntil,
  };
  const effects: readonly AgentEffect[] = [
    { do: 'use-settings', settings },
    ...requests.map((request) => reply(request, 'reconfigured', null)),
  ];
  return after(effects, moved && state.opened ? reopen(state) : advance(state, moment));
}

/** Nothing starts now: whoever waits for a refresh that cannot come soon is not left waiting. */
function toldOfObstacle(state: AgentState, moment: Moment): Transition<AgentState> {
  const obstacle = state.refreshRequests.length === 0 ? null : refreshObstacle(state, moment.now);
  if (obstacle === null) return unchanged(state);
  return asTransition({ ...state, refreshRequests: [] }, ...refreshReplies(state, obstacle));
}

/** What this process believes cannot be relied on (any more), so it starts over. */
export function reopen(state: AgentState): Transition<AgentState> {
  return asTransition({ ...state, opened: false, phase: { name: 'opening' } }, { do: 'open' });
}

/** Ends the current phase and goes on. */
export function rest(state: AgentState, moment: Moment): Transition<AgentState> {
  return advance({ ...state, phase: { name: 'waiting' } }, moment);
}

function stop(state: AgentState): Transition<AgentState> {
  const error: ReplyError = { code: 'SHUTTING_DOWN', detail: 'the daemon is stopping', retryAfterMs: 1_000 };
  const effects = [
    ...refreshReplies(state, error),
    ...state.queuedMaintenance.map((request) => reply(request, 'admitted', error)),
    ...(state.queuedSettings?.requests ?? []).map((request) => reply(request, 'reconfigured', error)),
  ];
  if (state.queuedHandOver !== null) effects.push(reply(state.queuedHandOver.request, 'stored', error));
  if (state.verdictRequest !== null) effects.push(reply(state.verdictRequest.request, 'judged', error));
  return asTransition(
    {
      ...state,
      phase: { name: 'stopped' },
      refreshRequests: [],
      queuedHandOver: null,
      queuedMaintenance: [],
      queuedSettings: null,
      verdictRequest: null,
    },
    ...effects,
  );
}

/**
 * A hand-over is a pipeline like every save: the secret beside the current one, then the record (a fresh candidate, a full
 * bucket). Only when both are durable the caller is told. The record comes second, because what it says of an earlier
 * candidate must hold as long as that one is in the store; only the first hand-over of all needs a key and a record to begin
 * with.
 */
function startHandOver(waiting: AgentState, handOver: HandOver, moment: Moment): Transition<AgentState> {
  const state = { ...waiting, queuedHandOver: null };
  const obstacle = handOverObstacle(state);
  if (obstacle !== null) return after([reply(handOver.request, 'stored', obstacle)], advance(state, moment));
  const { settings, identity } = state;
  const bucket = fullBucket(settings.maxExchangesPerMinute, moment.now);
  const before = state.record ?? firstRecord(moment.id, identity ?? '', settings.origin, bucket);
  const record = withCandidate(before, handOver.secret, bucket);
  const secret = { ...handOver.secret, generation: record.generation + 1 };
  const inStore: SaveStep = { save: 'candidate', secret, record };
  const inJournal: SaveStep = { save: 'record', record };
  const steps: SaveStep[] =
    state.record === null ? [{ save: 'key' }, inJournal, inStore] : [inStore, inJournal];
  return startSaving(state, steps, { kind: 'hand-over', handOver });
}

export function startSaving(
  state: AgentState,
  steps: readonly SaveStep[],
  purpose: Extract<AgentState['phase'], { name: 'saving' }>['purpose'],
): Transition<AgentState> {
  const [first] = steps;
  if (first === undefined) throw new RangeError('a save has at least one step');
  return asTransition(
    { ...state, phase: { name: 'saving', steps, retryAt: null, purpose } },
    { do: 'save', step: first },
  );
}

/** One more failure: a longer pause before the next try, and the server's own wish where it gave one. */
export function paused(state: AgentState, retryAfterMs: number | null, moment: Moment): AgentState {
  const failures = state.failures + 1;
  const pause = backoffMs(failures, backoffCapMs(state.settings.ttlMs), moment.draw);
  return {
    ...state,
    failures,
    backoffUntil: addMs(moment.now, pause),
    retryAfterUntil:
      retryAfterMs === null
        ? state.retryAfterUntil
        : addMs(moment.now, Math.min(retryAfterMs, retryAfterCapMs)),
  };
}

/** The store failed: asked again soon, since nobody but this host bears it. */
export function pausedForStore(state: AgentState, moment: Moment): AgentState {
  const failures = state.failures + 1;
  const pause = backoffMs(failures, storeRetryCapMs, moment.draw);
  return { ...state, failures, backoffUntil: addMs(moment.now, pause) };
}

/** The longest pause before a failing store is asked again, milliseconds. */
const storeRetryCapMs = 30_000;

/** A server may ask for patience, but not for days: beyond an hour its wish is taken for a mistake. */
const retryAfterCapMs = 60 * 60_000;

/** The trouble that stands, keeping since when. */
export function troubleSince(standing: Trouble | null, failure: Failure, moment: Moment): Trouble {
  const { code, detail } = failure;
  return { code, detail, since: standing?.code === code ? standing.since : moment.now };
}

export function reply(request: string, topic: ReplyTopic, error: ReplyError | null): AgentEffect {
  return { do: 'reply', request, topic, error };
}

export function refreshReplies(state: AgentState, error: ReplyError | null): readonly AgentEffect[] {
  return state.refreshRequests.map((request) => reply(request, 'refreshed', error));
}

/** Tells everyone who waits for a refresh that this try failed, with the time of the next one. */
export function failRefreshes(state: AgentState, failure: Failure, moment: Moment): Transition<AgentState> {
  const next = plan({ ...state, phase: { name: 'waiting' }, refreshRequests: [] }, moment.now);
  const retryAfterMs = next.do === 'wait' ? next.afterMs : null;
  const { code, detail } = failure;
  return asTransition(
    { ...state, refreshRequests: [] },
    ...refreshReplies(state, { code, detail, retryAfterMs }),
  );
}

/** Milliseconds after which the agent must be woken though nothing happens; null where it need not. */
export function nextWakeMs(state: AgentState, now: Stamp): number | null {
  const { phase } = state;
  if (phase.name === 'saving' && phase.retryAt !== null) return untilMs(phase.retryAt, now);
  if (phase.name === 'stopped') return null;
  const next = phase.name === 'waiting' ? plan(state, now) : null;
  const times = untilNoticeMs(state, now);
  if (next?.do === 'wait') times.push(next.afterMs);
  // A wait that was over before anyone could set a timer for it: nothing else would begin the deed.
  if (next?.do === 'open' || next?.do === 'attempt') times.push(0);
  return times.length === 0 ? null : Math.min(...times);
}

/** Moments at which the status changes by time alone: the end of the token, and the steps of the alert before it. */
function untilNoticeMs(state: AgentState, now: Stamp): number[] {
  const { token } = state;
  if (token === null) return [];
  const left = remainingMs(token, now);
  return [left, left - token.ttlMs * expiryWarningShare, left - token.ttlMs * expiryCriticalShare].filter(
    (ms) => ms > 0,
  );
}
