import type { AgentEffect, ReplyError, Transition } from './agent-effect.ts';
import type { Failure, Moment } from './agent-event.ts';
import type { AgentState, HandOver, QueuedSettings } from './agent-state.ts';
import { fullBucket } from './bucket.ts';
import type { Refusal } from './journal-entry.ts';
import { firstRecord, withCandidate } from './ledger.ts';
import { handOverObstacle, refreshObstacle } from './obstacle.ts';
import { plan, planAttempt } from './plan.ts';
import { isCondemned, isDead, withDeadToken } from './rejection.ts';
import type { SaveStep } from './save-step.ts';
import { isOldNews } from './slots.ts';
import { isStuck } from './standby.ts';
import type { Token } from './token.ts';
import { after, asTransition, refreshReplies, reply, startSaving, unchanged } from './transition-parts.ts';

/** Going on after something ended: what is due starts, and whoever waits is answered. */

/** Starts what is due, if nothing is under way. Called whenever something ended, and by the timer. */
export function advance(before: AgentState, moment: Moment): Transition<AgentState> {
  const state = withoutNeedlessProbe(before);
  if (state.phase.name !== 'waiting') return unchanged(state);
  if (state.stopping) return stop(state);
  if (state.queuedSettings !== null) return adoptSettings(state, state.queuedSettings, moment);
  const [maintenance, ...queuedMaintenance] = state.queuedMaintenance;
  if (maintenance !== undefined) {
    const admitted = reply(maintenance, 'admitted', null);
    return asTransition({ ...state, queuedMaintenance, phase: { name: 'maintenance' } }, admitted);
  }
  if (state.queuedHandOver !== null) return startHandOver(state, state.queuedHandOver, moment);
  if (state.opened && state.observationDue && isStuck(state))
    return reopen({ ...state, observationDue: false });
  if (isCondemned(state) && !isDead(state)) return buryToken(state, moment);
  const next = plan(state, moment.now);
  switch (next.do) {
    case 'open':
      return asTransition({ ...state, phase: { name: 'opening' } }, { do: 'open' });
    case 'attempt':
      return asTransition({ ...state, phase: { name: 'preparing', slot: next.slot } }, { do: 'prepare' });
    case 'probe':
      return probe(state, next.token, moment);
    case 'wait':
    case 'rest':
      return toldOfObstacle(state, moment);
  }
}

/** Whatever else is wanted does not wait for a probe. */
function withoutNeedlessProbe(state: AgentState): AgentState {
  const { queuedSettings, queuedMaintenance, queuedHandOver, refreshRequests, report } = state;
  const isWanted =
    state.stopping ||
    queuedSettings !== null ||
    queuedMaintenance.length > 0 ||
    queuedHandOver !== null ||
    refreshRequests.length > 0 ||
    report?.certain === true;
  return state.phase.name === 'probing' && isWanted ? { ...state, phase: { name: 'waiting' } } : state;
}

/** Longer than this nobody waits for the answer to a probe, milliseconds. */
const probeDeadlineMs = 5_000;

function probe(state: AgentState, { text }: Token, { id }: Moment): Transition<AgentState> {
  const deadlineMs = Math.min(probeDeadlineMs, state.settings.exchangeDeadlineMs);
  return asTransition(
    { ...state, phase: { name: 'probing', id } },
    { do: 'probe', id, token: text, deadlineMs },
  );
}

/** The held token is dead. That is durable before anybody hears of it: then it cannot come back by a restart. */
export function buryToken(
  state: AgentState,
  moment: Moment,
  refusal: Refusal | null = null,
): Transition<AgentState> {
  const { record, token } = state;
  if (record === null || token === null) return unchanged(state);
  const dead = withDeadToken(record, token.sequence, state, moment.now);
  const next = { ...dead, refusal: refusal ?? record.refusal };
  return after(
    [{ do: 'note', note: { event: 'token-revoked', sequence: token.sequence } }],
    startSaving({ ...state, report: null }, [{ save: 'record', record: next }], { kind: 'dead-token' }),
  );
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
    forbidden: settings.probeEveryMs === null ? null : waiting.forbidden,
    failures: 0,
    backoffUntil: null,
    // A probe that is mended is made at once.
    probedAt: waiting.forbidden === null ? waiting.probedAt : null,
    probeFailures: 0,
    probeAfter: null,
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
  if (handOver.from === 'file' && isOldNews(state, handOver.secret)) return noteFile(state, handOver);
  const before = state.record ?? firstRecord(moment.id, identity ?? '', settings.origin, bucket);
  const record = withCandidate(before, handOver.secret, bucket, handOver.from);
  const secret = { ...handOver.secret, generation: record.generation + 1 };
  const inStore: SaveStep = { save: 'candidate', secret, record };
  const inJournal: SaveStep = { save: 'record', record };
  const steps: SaveStep[] =
    state.record === null ? [{ save: 'key' }, inJournal, inStore] : [inStore, inJournal];
  return startSaving(state, steps, { kind: 'hand-over', handOver });
}

/** The watched file holds a secret that the agent has, or had judged: there is nothing to try, now or later. */
function noteFile(state: AgentState, { request, secret }: HandOver): Transition<AgentState> {
  const { record } = state;
  const stored = reply(request, 'stored', null);
  if (record === null) return asTransition(state, stored);
  const next = { ...record, adoptedFile: secret.fingerprint };
  return after([stored], startSaving(state, [{ save: 'record', record: next }], { kind: 'outcome' }));
}

/** Tells everyone who waits for a refresh that this try failed, with the time of the next one. */
export function failRefreshes(state: AgentState, failure: Failure, moment: Moment): Transition<AgentState> {
  const next = planAttempt({ ...state, phase: { name: 'waiting' }, refreshRequests: [] }, moment.now);
  const retryAfterMs = next.do === 'wait' ? next.afterMs : null;
  const { code, detail } = failure;
  return asTransition(
    { ...state, refreshRequests: [] },
    ...refreshReplies(state, { code, detail, retryAfterMs }),
  );
}
