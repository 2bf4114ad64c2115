import type { AgentEffect, Transition } from './agent-effect.ts';
import type { AgentEvent, Moment } from './agent-event.ts';
import type { AgentState, Phase } from './agent-state.ts';
import { isDead } from './rejection.ts';
import { advance, reopen } from './transition-advance.ts';
import {
  onAnswered,
  onIntentFailed,
  onIntentSaved,
  onLockLost,
  onNotConnected,
  onPrepared,
  onRawFailed,
  onRawSaved,
  onStoreFailed,
} from './transition-attempt.ts';
import { onOpened, onOpenFailed, withoutState } from './transition-open.ts';
import { onInterpreted } from './transition-outcome.ts';
import { asTransition, unchanged } from './transition-parts.ts';
import { onProbed, onTokenReported } from './transition-rejection.ts';
import {
  acknowledged,
  onHandedOver,
  onMaintenanceRequested,
  onReconfigured,
  onRefreshRequested,
} from './transition-request.ts';
import { onStepFailed, onStepSaved, onWokeWhileSaving } from './transition-saving.ts';
import { onHeldElsewhere, onObserved, onStoreChanged } from './transition-standby.ts';

type Handlers = {
  readonly [Type in AgentEvent['type']]: (
    state: AgentState,
    event: Extract<AgentEvent, { type: Type }>,
    moment: Moment,
  ) => Transition<AgentState>;
};

/** One handler for each event; an event without a handler does not compile. */
const handlers: Handlers = {
  started: (state) => asTransition(state, { do: 'open' }),
  opened: onOpened,
  'held-elsewhere': onHeldElsewhere,
  'open-failed': onOpenFailed,
  'store-changed': onStoreChanged,
  observed: onObserved,
  'observe-failed': unchanged,
  woke: (state, _event, moment) => onWoke(state, moment),
  prepared: onPrepared,
  'store-failed': onStoreFailed,
  'lock-lost': onLockLost,
  'not-connected': onNotConnected,
  'intent-saved': onIntentSaved,
  'intent-failed': onIntentFailed,
  answered: onAnswered,
  'raw-saved': onRawSaved,
  'raw-failed': onRawFailed,
  interpreted: onInterpreted,
  'step-saved': onStepSaved,
  'step-failed': onStepFailed,
  'refresh-requested': onRefreshRequested,
  'handed-over': onHandedOver,
  'token-reported': onTokenReported,
  probed: onProbed,
  'maintenance-requested': onMaintenanceRequested,
  'maintenance-ended': (state, { emptied }, moment) =>
    reopen(emptied === true ? withoutState(state, moment.now) : state),
  reconfigured: onReconfigured,
  'condition-began': (state, { key, alert }) =>
    unchanged({ ...state, conditions: { ...state.conditions, [key]: alert } }),
  'condition-ended': (state, { key }) => {
    const { [key]: _ended, ...conditions } = state.conditions;
    return unchanged({ ...state, conditions });
  },
  'stop-requested': (state, _event, moment) => onWoke({ ...state, stopping: true }, moment),
};

function onWoke(state: AgentState, moment: Moment): Transition<AgentState> {
  return state.phase.name === 'saving' ? onWokeWhileSaving(state, moment) : advance(state, moment);
}

/**
 * The phase in which each event can come; null = any. Whatever comes at another time belongs to something that is over, and
 * changes nothing. (`prepared` is listed as welcome: it brings a connection, which must be given up at any time.)
 */
const expectedIn: Readonly<Record<AgentEvent['type'], Phase['name'] | null>> = {
  started: 'opening',
  opened: 'opening',
  'held-elsewhere': 'opening',
  'open-failed': 'opening',
  'store-changed': null,
  observed: null,
  'observe-failed': null,
  woke: null,
  prepared: null,
  'store-failed': 'preparing',
  'lock-lost': 'preparing',
  'not-connected': 'preparing',
  'intent-saved': 'saving-intent',
  'intent-failed': 'saving-intent',
  answered: 'exchanging',
  'raw-saved': 'saving-raw',
  'raw-failed': 'saving-raw',
  interpreted: 'interpreting',
  'step-saved': 'saving',
  'step-failed': 'saving',
  'refresh-requested': null,
  'handed-over': null,
  'token-reported': null,
  probed: 'probing',
  'maintenance-requested': null,
  'maintenance-ended': 'maintenance',
  reconfigured: null,
  'condition-began': null,
  'condition-ended': null,
  'stop-requested': null,
};

/**
 * The whole behaviour of one agent: what an event at a moment makes of a state, and what is to be done about it. Pure: time,
 * chance and ids come in with the moment, and everything that touches the world goes out as an effect (DESIGN §10).
 */
export function transition(state: AgentState, event: AgentEvent, moment: Moment): Transition<AgentState> {
  if (state.phase.name === 'stopped') return refuseAfterStop(state, event);
  const expected = expectedIn[event.type];
  if (expected !== null && expected !== state.phase.name) return unchanged(state);
  // The key of the table and the event's type are the same by construction; TypeScript cannot follow that over a union.
  const handler = handlers[event.type] as (
    state: AgentState,
    event: AgentEvent,
    moment: Moment,
  ) => Transition<AgentState>;
  return withdrawn(state, acknowledged(handler(state, event, moment)));
}

/** A token that is found dead, now or by an earlier life, is taken back from wherever it was put. */
function withdrawn(before: AgentState, { state, effects }: Transition<AgentState>): Transition<AgentState> {
  const { token } = state;
  if (token === null || !isDead(state) || (isDead(before) && before.token?.sequence === token.sequence))
    return { state, effects };
  return { state, effects: [...effects, { do: 'withdraw', token }] };
}

function refuseAfterStop(state: AgentState, event: AgentEvent): Transition<AgentState> {
  const error = { code: 'SHUTTING_DOWN', detail: 'the daemon is stopping', retryAfterMs: 1_000 } as const;
  const effects: AgentEffect[] = [];
  if (event.type === 'refresh-requested')
    effects.push({ do: 'reply', request: event.request, topic: 'refreshed', error });
  if (event.type === 'handed-over')
    effects.push({ do: 'reply', request: event.request, topic: 'stored', error });
  if (event.type === 'maintenance-requested')
    effects.push({ do: 'reply', request: event.request, topic: 'admitted', error });
  if (event.type === 'reconfigured')
    effects.push({ do: 'reply', request: event.request, topic: 'reconfigured', error });
  return { state, effects };
}
