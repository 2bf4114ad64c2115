import type { AgentEffect, ReplyError, ReplyTopic, Transition } from './agent-effect.ts';
import type { Failure, Moment } from './agent-event.ts';
import type { AgentState, Trouble } from './agent-state.ts';
import type { SaveStep } from './save-step.ts';
import { backoffCapMs, backoffMs } from './schedule.ts';
import { addMs } from './stamp.ts';

/** What all transitions are made of: effects in their order, saving, pausing after a failure, answering requests. */

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

/**
 * One more failure: a longer pause before the next try, and the server's own wish where it gave one. Our pause comes on top of
 * that, and is drawn from as wide a range: all whom a server turns away in one second are told the same, and would be back in
 * one second.
 */
export function paused(state: AgentState, retryAfterMs: number | null, moment: Moment): AgentState {
  const failures = state.failures + 1;
  const wishMs = Math.min(retryAfterMs ?? 0, retryAfterCapMs);
  const pause = backoffMs(failures, backoffCapMs(state.settings.ttlMs), moment.draw, wishMs);
  const wished = retryAfterMs === null ? null : addMs(moment.now, wishMs);
  return {
    ...state,
    failures,
    backoffUntil: addMs(wished ?? moment.now, pause),
    retryAfterUntil: wished ?? state.retryAfterUntil,
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
