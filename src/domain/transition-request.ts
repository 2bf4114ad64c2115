import type { Transition } from './agent-effect.ts';
import type { AgentEvent, Moment } from './agent-event.ts';
import type { AgentState, Phase } from './agent-state.ts';
import { holderObstacle, obstacle, refreshObstacle, unsavedObstacle } from './obstacle.ts';
import { advance } from './transition-advance.ts';
import { after, asTransition, reply, unchanged } from './transition-parts.ts';

/** Requests from outside: refresh now, take this new secret, and let me at your files. */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

/**
 * A refresh joins the attempt under way, starts one, or is told at once why none can start. One that comes when the token of
 * the attempt is out already waits for the next: who asks then asks for another token than that.
 */
export function onRefreshRequested(
  state: AgentState,
  { request }: Of<'refresh-requested'>,
  moment: Moment,
): Transition<AgentState> {
  const hindered = refreshObstacle(state, moment.now);
  if (hindered !== null) return asTransition(state, reply(request, 'refreshed', hindered));
  if (isPublished(state.phase))
    return unchanged({ ...state, lateRefreshRequests: [...state.lateRefreshRequests, request] });
  return advance({ ...state, refreshRequests: [...state.refreshRequests, request] }, moment);
}

/** What is left of a grant's saving concerns no token any more. */
function isPublished(phase: Phase): boolean {
  return (
    phase.name === 'saving' &&
    phase.purpose.kind === 'grant' &&
    phase.steps.every(({ save }) => save !== 'session')
  );
}

/** A new secret waits for a running attempt to end; a newer one takes the place of one that still waits. */
export function onHandedOver(
  state: AgentState,
  { request, secret, from }: Of<'handed-over'>,
  moment: Moment,
): Transition<AgentState> {
  const { queuedHandOver } = state;
  const hindered = unsavedObstacle(state, moment.now);
  if (hindered !== null) return asTransition(state, reply(request, 'stored', hindered));
  const replaced =
    queuedHandOver === null ? [] : [reply(queuedHandOver.request, 'stored', replacedWhileQueued)];
  return after(
    replaced,
    advance({ ...state, queuedHandOver: { request, secret, ...(from && { from }) } }, moment),
  );
}

const replacedWhileQueued = obstacle(
  'HANDOVER_REFUSED',
  'a newer secret was handed over before this one was stored',
  null,
);

/**
 * Who wants the store and the journal for themselves waits for what is under way, but not for a received secret that cannot be
 * saved: that one goes before everything.
 */
export function onMaintenanceRequested(
  state: AgentState,
  { request }: Of<'maintenance-requested'>,
  moment: Moment,
): Transition<AgentState> {
  const hindered = holderObstacle(state) ?? unsavedObstacle(state, moment.now);
  if (hindered !== null) return asTransition(state, reply(request, 'admitted', hindered));
  return advance({ ...state, queuedMaintenance: [...state.queuedMaintenance, request] }, moment);
}

/** The newest settings count. They are taken up when nothing is under way; {@link acknowledged} tells those who wait. */
export function onReconfigured(
  state: AgentState,
  { request, settings }: Of<'reconfigured'>,
  moment: Moment,
): Transition<AgentState> {
  const requests = [...(state.queuedSettings?.requests ?? []), request];
  return advance({ ...state, queuedSettings: { settings, requests } }, moment);
}

/** Phases in which a request may still go out by the settings that it was begun with. */
const sending: readonly Phase['name'][] = ['preparing', 'saving-intent', 'exchanging'];

/**
 * Whoever waits for new settings waits for what can still be sent by the old ones, and for nothing else: saving what the last
 * exchange brought may take as long as the store is broken, and no exchange starts before it is done.
 */
export function acknowledged({ state, effects }: Transition<AgentState>): Transition<AgentState> {
  const { queuedSettings, phase } = state;
  if (queuedSettings === null || queuedSettings.requests.length === 0) return { state, effects };
  if (sending.includes(phase.name)) return { state, effects };
  return {
    state: { ...state, queuedSettings: { ...queuedSettings, requests: [] } },
    effects: [...effects, ...queuedSettings.requests.map((request) => reply(request, 'reconfigured', null))],
  };
}
