import type { AgentEffect, Transition } from './agent-effect.ts';
import type { AgentEvent, Failure, Moment } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import { heldText } from './obstacle.ts';
import { tokenUsable } from './plan.ts';
import { addMs } from './stamp.ts';
import { isServingStandby, isStuck, servesAsStandby } from './standby.ts';
import type { Token } from './token.ts';
import { failRefreshes, reopen, rest } from './transition-advance.ts';
import { after, asTransition, unchanged } from './transition-parts.ts';

/** A standby: it waits for the holder's end, and where it shares a store with it, serves what the holder puts there. */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

/** How long a standby waits before it asks for the locks again: on one host it takes over within 2 s of the holder's end. */
const pollMs = 1_000;
/** The same where a lease over the network decides. */
const sharedPollMs = 5_000;

const observe: AgentEffect = { do: 'observe' };

export function onHeldElsewhere(
  state: AgentState,
  { holderPid, holder }: Of<'held-elsewhere'>,
  moment: Moment,
): Transition<AgentState> {
  const heldElsewhere = { holderPid, ...(holder !== undefined && { holder }) };
  const serves = servesAsStandby(state.settings);
  // From here on the store is read when it changes; a look that failed is repeated with the next poll.
  const looks = serves && (state.heldElsewhere === null || state.observationDue);
  const standby: AgentState = {
    ...state,
    opened: false,
    heldElsewhere,
    backoffUntil: addMs(moment.now, serves ? sharedPollMs : pollMs),
    storeTrouble: serves ? null : state.storeTrouble,
    observationDue: looks || state.observationDue,
  };
  const failure = { code: 'AGENT_HELD', detail: heldText(state.settings.agent, heldElsewhere) } as const;
  const failed = failRefreshes(standby, failure, moment);
  return after([...failed.effects, ...(looks ? [observe] : [])], rest(failed.state, moment));
}

/** Somebody changed what the store holds, perhaps this process itself. */
export function onStoreChanged(state: AgentState): Transition<AgentState> {
  if (isServingStandby(state)) return asTransition({ ...state, observationDue: true }, observe);
  if (!state.opened) return unchanged(state);
  if (state.phase.name === 'waiting') return isStuck(state) ? reopen(state) : unchanged(state);
  // It is looked at when what is under way has ended.
  return unchanged({ ...state, observationDue: true });
}

/** What the holder keeps in the store. It proved its token; whatever is said of it there holds here too. */
export function onObserved(
  state: AgentState,
  { view }: Of<'observed'>,
  { now }: Moment,
): Transition<AgentState> {
  if (!isServingStandby(state)) return unchanged(state);
  const { record, session, current } = view;
  const known: AgentState = { ...state, observationDue: false, record, current };
  if (session === null || !isNewer(session, state.token)) return unchanged(known);
  const served: AgentState = {
    ...known,
    token: session,
    proved: true,
    report: null,
    probedAt: null,
    probeFailures: 0,
    probeAfter: null,
    forbidden: null,
  };
  return tokenUsable(served, now)
    ? asTransition(served, { do: 'publish', token: session })
    : unchanged(served);
}

/** One of a holder that did not know of ours may have the same number; then it is the later one. */
function isNewer(session: Token, held: Token | null): boolean {
  if (held === null || session.sequence > held.sequence) return true;
  return (
    session.sequence === held.sequence &&
    session.fingerprint !== held.fingerprint &&
    session.sentAt.wallMs > held.sentAt.wallMs
  );
}

/**
 * The store was found written by another holder: this process is none any more, whatever its locks said. What it had received
 * is in the store, or was kept beside it by whoever refused to write it.
 */
export function supersede(state: AgentState, failure: Failure): Transition<AgentState> {
  const note: AgentEffect = { do: 'note', note: { event: 'superseded', ...failure } };
  const next = reopen({ ...state, heldElsewhere: { holderPid: null }, unsaved: null, storeTrouble: null });
  return after([note], {
    ...next,
    effects: [...next.effects, ...(servesAsStandby(state.settings) ? [observe] : [])],
  });
}
