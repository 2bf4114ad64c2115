import type { AgentState } from './agent-state.ts';
import type { StoreKind } from './status.ts';

/**
 * Another process holds the agent. Where both read one store over the network, this one serves what the holder keeps there
 * (DESIGN §5, `kubernetes`): it exchanges nothing and decides nothing, but its shippers have their token. Where
 * the store is of one host, the holder serves that host, and a standby does nothing.
 */

/** Whether a standby of an agent with this store serves the token that the holder keeps there. */
export function servesAsStandby({ store }: { readonly store: StoreKind }): boolean {
  return store === 'kubernetes';
}

/** Whether this process is a standby that serves. */
export function isServingStandby({ heldElsewhere, settings }: AgentState): boolean {
  return heldElsewhere !== null && servesAsStandby(settings);
}

/** Every exchange reads the store anew. Where none comes soon, a change of the store may be what brings the agent back. */
export function isStuck({ blocked, record }: AgentState): boolean {
  return blocked !== null || record?.refusal != null || record?.current.doubt?.elsewhere === true;
}

/** Whether this process can tell how the agent is: it read the store, as its holder or as a standby that serves. */
export function isKnown(state: AgentState): boolean {
  if (state.heldElsewhere === null) return state.opened;
  return isServingStandby(state) && state.record !== null;
}
