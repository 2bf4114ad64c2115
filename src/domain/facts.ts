import type { AgentState } from './agent-state.ts';
import { awaitsPerson, tokenUsable } from './plan.ts';
import { isCondemned, isDead } from './rejection.ts';
import { doubtIn, pendingCandidate } from './slots.ts';
import type { Stamp } from './stamp.ts';
import type { AgentLabel, SecretFact, TokenFact } from './status.ts';
import { remainingMs } from './token.ts';

/** The facts of DESIGN §5 and the one label that follows from them. */
export interface Facts {
  readonly token: TokenFact;
  readonly secret: SecretFact;
  readonly holder: boolean;
  /** A try to refresh failed since the last grant. */
  readonly refreshFailing: boolean;
}

export function factsOf(state: AgentState, now: Stamp): Facts {
  return {
    token: tokenFact(state, now),
    secret: secretFact(state),
    holder: state.heldElsewhere === null,
    refreshFailing: state.refreshTrouble !== null || state.storeTrouble !== null,
  };
}

function tokenFact(state: AgentState, now: Stamp): TokenFact {
  const { token } = state;
  if (token === null) return 'none';
  if (isDead(state) || isCondemned(state)) return 'rejected';
  if (tokenUsable(state, now)) return 'valid';
  // One that has to prove itself first is as good as none.
  return remainingMs(token, now) > 0 ? 'none' : 'expired';
}

function secretFact(state: AgentState): SecretFact {
  const { record } = state;
  if (state.unsaved !== null) return 'memory_only';
  if (pendingCandidate(state) !== null) return haltedInDoubt(state) ? 'blocked' : 'pending';
  if (record?.refusal?.kind === 'lost') return 'lost';
  if (record?.refusal?.kind === 'refused') return 'refused';
  if (state.blocked !== null || haltedInDoubt(state)) return 'blocked';
  if (state.storeTrouble !== null) return 'unreachable';
  if (record === null || state.current === null) return 'absent';
  const suspectedDoubt = record.refusal?.kind === 'suspected' && record.previous?.doubt != null;
  return record.current.doubt !== null || suspectedDoubt ? 'in_doubt' : 'held';
}

/** Whether something that the server granted is in memory only: its answer is being read, or its saving is not through. */
export function holdsUnsaved({ phase, unsaved }: AgentState): boolean {
  if (unsaved !== null || phase.name === 'saving-raw' || phase.name === 'interpreting') return true;
  return phase.name === 'saving' && phase.purpose.kind === 'grant';
}

/** A doubt that the policy `halt` leaves to a person. */
export function haltedInDoubt(state: AgentState): boolean {
  const { record, settings } = state;
  if (record === null || settings.inDoubt !== 'halt') return false;
  return awaitsPerson(pendingCandidate(state) === null ? record.current.doubt : doubtIn(state, 'candidate'));
}

/** First match wins (DESIGN §5). */
export function labelOf(facts: Facts): AgentLabel {
  if (!facts.holder) return 'standby';
  if (facts.secret === 'lost') return 'lost';
  if (facts.secret === 'refused') return 'revoked';
  if (facts.secret === 'blocked') return 'blocked';
  if (facts.secret === 'absent') return 'unprovisioned';
  const impaired = facts.refreshFailing || facts.secret !== 'held';
  if (facts.token === 'valid') return impaired ? 'degraded' : 'active';
  return facts.token === 'none' ? 'acquiring' : 'expired';
}
