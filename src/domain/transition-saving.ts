import type { AgentEffect, Transition } from './agent-effect.ts';
import type { AgentEvent, Failure, Moment } from './agent-event.ts';
import type { AgentState, Phase, SavePurpose } from './agent-state.ts';
import type { JournalRecord } from './journal-entry.ts';
import { tokenUsable } from './plan.ts';
import type { SaveStep } from './save-step.ts';
import { backoffMs, untilMs } from './schedule.ts';
import { addMs } from './stamp.ts';
import type { Token } from './token.ts';
import { failRefreshes, rest } from './transition-advance.ts';
import { after, asTransition, refreshReplies, reply, troubleSince, unchanged } from './transition-parts.ts';
import { supersede } from './transition-standby.ts';

/**
 * The pipeline of durable steps. A step that fails is repeated until it succeeds, and nothing else starts before: a received
 * secret that is not saved yet must never be spent. What was received is served from memory meanwhile.
 */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;
type Saving = Extract<Phase, { name: 'saving' }>;

/** The longest pause between two tries to save, milliseconds. */
const saveRetryCapMs = 15_000;

export function onStepSaved(
  state: AgentState,
  _event: Of<'step-saved'>,
  moment: Moment,
): Transition<AgentState> {
  const { phase } = state;
  const step = phase.name === 'saving' ? phase.steps[0] : undefined;
  if (phase.name !== 'saving' || step === undefined) return unchanged(state);
  const saved = withSaved(state, step, phase.purpose);
  const published = step.save === 'session' ? publishNew(state, saved, step.token, moment) : [];
  return after(published, nextStep(saved, phase, moment));
}

/** What is served now and was not before. A token that has to prove itself first is not given to anybody. */
function publishNew(
  before: AgentState,
  state: AgentState,
  token: Token,
  { now }: Moment,
): readonly AgentEffect[] {
  return before.token !== token && tokenUsable(state, now) ? [{ do: 'publish', token }] : [];
}

/** Memory follows the disk, never the other way round. */
function withSaved(state: AgentState, step: SaveStep, purpose: SavePurpose): AgentState {
  switch (step.save) {
    case 'current':
      return { ...state, current: step.secret };
    case 'candidate':
      return { ...state, candidate: step.secret };
    case 'session':
      // What was failing is over with the token, not with the last file that is tidied up: alerts are looked at in between.
      return { ...withToken(state, step.token, purpose), refreshTrouble: null };
    case 'record':
      return { ...state, record: step.record };
    case 'candidate-removed':
      return { ...state, candidate: null };
    case 'key':
    case 'raws-dropped':
      return state;
  }
}

/** A token that was granted; what was said of the one before is over. */
function withToken(state: AgentState, token: Token, purpose: SavePurpose): AgentState {
  if (state.token === token) return state;
  return {
    ...state,
    token,
    proved: purpose.kind === 'grant' && purpose.found !== true,
    report: null,
    probedAt: null,
    probeFailures: 0,
    probeAfter: null,
    forbidden: null,
  };
}

function nextStep(state: AgentState, phase: Saving, moment: Moment): Transition<AgentState> {
  const [, ...steps] = phase.steps;
  const [first] = steps;
  if (first === undefined)
    return finished({ ...state, unsaved: null, storeTrouble: null }, phase.purpose, moment);
  return asTransition({ ...state, phase: { ...phase, steps, retryAt: null } }, { do: 'save', step: first });
}

function finished(state: AgentState, purpose: SavePurpose, moment: Moment): Transition<AgentState> {
  switch (purpose.kind) {
    case 'grant':
      return grantFinished(state, purpose.slot, moment);
    case 'hand-over': {
      const { handOver } = purpose;
      const replaced = state.verdictRequest;
      const effects: AgentEffect[] = [
        { do: 'note', note: { event: 'hand-over-stored', fingerprint: handOver.secret.fingerprint } },
        reply(handOver.request, 'stored', null),
        ...(replaced === null ? [] : [reply(replaced.request, 'judged', replacedError)]),
      ];
      return after(
        effects,
        rest({ ...state, verdictRequest: handOver, failures: 0, backoffUntil: null }, moment),
      );
    }
    case 'outcome':
    case 'recommit':
    case 'dead-token':
      return rest(state, moment);
  }
}

const replacedError = {
  code: 'HANDOVER_REFUSED',
  detail: 'a newer secret was handed over before the server judged this one',
  retryAfterMs: null,
} as const;

function grantFinished(state: AgentState, slot: string, moment: Moment): Transition<AgentState> {
  const judged =
    slot === 'candidate' && state.verdictRequest !== null
      ? [reply(state.verdictRequest.request, 'judged', null)]
      : [];
  const clean: AgentState = {
    ...state,
    blocked: null,
    refreshTrouble: null,
    failures: 0,
    backoffUntil: null,
    retryAfterUntil: null,
    refreshRequests: state.lateRefreshRequests,
    lateRefreshRequests: [],
    verdictRequest: judged.length > 0 ? null : state.verdictRequest,
  };
  return after([...refreshReplies(state, null), ...judged], rest(clean, moment));
}

export function onStepFailed(
  state: AgentState,
  { failure }: Of<'step-failed'>,
  moment: Moment,
): Transition<AgentState> {
  const { phase } = state;
  const step = phase.name === 'saving' ? phase.steps[0] : undefined;
  if (phase.name !== 'saving' || step === undefined) return unchanged(state);
  const failed: AgentEffect = {
    do: 'note',
    note: { event: 'save-failed', code: failure.code, detail: failure.detail },
  };
  const told = toldOfHandOver(phase.purpose, failure);
  if (failure.code === 'AGENT_HELD') return after([failed, ...told], supersede(state, failure));
  // Leftovers are recognised as such at the next start, so tidying up is not worth a retry.
  if (step.save === 'candidate-removed' || step.save === 'raws-dropped')
    return after([failed], nextStep(withSaved(state, step, phase.purpose), phase, moment));
  if (phase.purpose.kind === 'hand-over') return after([failed, ...told], rest(state, moment));
  return after([failed], retryLater(state, phase, failure, moment));
}

/** Whoever waits for a hand-over hears that it was not stored. */
function toldOfHandOver(purpose: SavePurpose, failure: Failure): readonly AgentEffect[] {
  if (purpose.kind !== 'hand-over') return [];
  return [reply(purpose.handOver.request, 'stored', { ...failure, retryAfterMs: null })];
}

function retryLater(
  state: AgentState,
  phase: Saving,
  failure: Failure,
  moment: Moment,
): Transition<AgentState> {
  const failures = state.failures + 1;
  const pause = backoffMs(failures, state.stopping ? 1_000 : saveRetryCapMs, moment.draw);
  const waiting: AgentState = { ...state, failures, phase: { ...phase, retryAt: addMs(moment.now, pause) } };
  if (phase.purpose.kind !== 'grant') {
    const storeTrouble = troubleSince(state.storeTrouble, failure, moment);
    // A dead token is not served on for a disk that is full.
    const record = phase.purpose.kind === 'dead-token' ? recordIn(phase.steps) : state.record;
    return tellWaiting(
      { ...waiting, record, storeTrouble },
      { code: 'STORE_UNAVAILABLE', detail: failure.detail },
      moment,
    );
  }
  const unsaved = troubleSince(
    state.unsaved,
    { code: 'SECRET_NOT_PERSISTED', detail: failure.detail },
    moment,
  );
  const session = phase.steps.find((step) => step.save === 'session');
  const error = {
    code: 'SECRET_NOT_PERSISTED',
    detail: `the new secret could not be saved (${failure.detail})`,
  } as const;
  const known: AgentState = {
    ...(session === undefined ? waiting : withToken(waiting, session.token, phase.purpose)),
    unsaved,
  };
  const served = session === undefined ? [] : publishNew(state, known, session.token, moment);
  return after(served, tellWaiting(known, error, moment));
}

function recordIn(steps: readonly SaveStep[]): JournalRecord | null {
  return steps.find((step) => step.save === 'record')?.record ?? null;
}

/** Whoever came meanwhile is not left waiting until the store is mended. */
function tellWaiting(state: AgentState, failure: Failure, moment: Moment): Transition<AgentState> {
  const { queuedHandOver } = state;
  const refused =
    queuedHandOver === null
      ? []
      : [reply(queuedHandOver.request, 'stored', { ...failure, retryAfterMs: null })];
  const notAdmitted = state.queuedMaintenance.map((request) =>
    reply(request, 'admitted', { ...failure, retryAfterMs: null }),
  );
  const refreshRequests = [...state.refreshRequests, ...state.lateRefreshRequests];
  const told: AgentState = {
    ...state,
    queuedHandOver: null,
    queuedMaintenance: [],
    refreshRequests,
    lateRefreshRequests: [],
  };
  return after([...refused, ...notAdmitted], failRefreshes(told, failure, moment));
}

/** The timer, or a stop that wants to be through: the failed step is tried again. */
export function onWokeWhileSaving(state: AgentState, moment: Moment): Transition<AgentState> {
  const { phase } = state;
  if (phase.name !== 'saving' || phase.retryAt === null) return unchanged(state);
  const [step] = phase.steps;
  const due = state.stopping || untilMs(phase.retryAt, moment.now) === 0;
  if (step === undefined || !due) return unchanged(state);
  return asTransition({ ...state, phase: { ...phase, retryAt: null } }, { do: 'save', step });
}
