import type { Transition } from './agent-effect.ts';
import type { AgentEvent, Moment } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import { obstacle, refreshObstacle, unsavedObstacle } from './obstacle.ts';
import { advance, after, asTransition, reply } from './transition-advance.ts';

/** Requests from outside: refresh now, and take this new secret. */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

/** A refresh joins the attempt under way, starts one, or is told at once why none can start. */
export function onRefreshRequested(
  state: AgentState,
  { request }: Of<'refresh-requested'>,
  moment: Moment,
): Transition<AgentState> {
  const hindered = refreshObstacle(state, moment.now);
  if (hindered !== null) return asTransition(state, reply(request, 'refreshed', hindered));
  return advance({ ...state, refreshRequests: [...state.refreshRequests, request] }, moment);
}

/** A new secret waits for a running attempt to end; a newer one takes the place of one that still waits. */
export function onHandedOver(
  state: AgentState,
  { request, secret }: Of<'handed-over'>,
  moment: Moment,
): Transition<AgentState> {
  const { queuedHandOver } = state;
  const hindered = unsavedObstacle(state, moment.now);
  if (hindered !== null) return asTransition(state, reply(request, 'stored', hindered));
  const replaced =
    queuedHandOver === null ? [] : [reply(queuedHandOver.request, 'stored', replacedWhileQueued)];
  return after(replaced, advance({ ...state, queuedHandOver: { request, secret } }, moment));
}

const replacedWhileQueued = obstacle(
  'HANDOVER_REFUSED',
  'a newer secret was handed over before this one was stored',
  null,
);
