import type { AgentState } from './agent-state.ts';
import type { AttemptSlot, Doubt, HeldSecret } from './journal-entry.ts';
import { doubtOf } from './ledger.ts';
import type { Credential } from './secret.ts';

/** Whether the agent has this very secret already, to use or to try. */
export function isInUse(
  { current, candidate }: Pick<AgentState, 'current' | 'candidate'>,
  { fingerprint }: Pick<Credential, 'fingerprint'>,
): boolean {
  return [current, candidate].some((held) => held?.fingerprint === fingerprint);
}

/**
 * Whether the watched file holds nothing new: the agent has this secret, or the server has judged it as the last candidate. A
 * crash can keep a candidate and not the note that it came from the file, and a spent secret may be punished.
 */
export function isOldNews(
  state: Pick<AgentState, 'current' | 'candidate' | 'record'>,
  secret: Pick<Credential, 'fingerprint'>,
): boolean {
  const judged = state.record?.candidate ?? null;
  return isInUse(state, secret) || (judged?.settled === true && judged.fingerprint === secret.fingerprint);
}

/** The secret in a slot; null where there is none. */
export function credentialIn(state: AgentState, slot: AttemptSlot): Credential | null {
  if (slot === 'current') return state.current;
  return slot === 'previous' ? (state.record?.previous ?? null) : state.candidate;
}

/** The doubt that stands for the secret in a slot; null where there is no secret. */
export function doubtIn(state: AgentState, slot: AttemptSlot): Doubt | null {
  const secret = credentialIn(state, slot);
  if (state.record === null || secret === null) return null;
  return doubtOf(state.record, { slot, fingerprint: secret.fingerprint });
}

/** The candidate if it still waits for a verdict; a settled one may stay in the store and counts for nothing. */
export function pendingCandidate(state: AgentState): HeldSecret | null {
  const { candidate, record } = state;
  if (candidate === null || record === null) return null;
  const facts = record.candidate;
  return facts?.fingerprint === candidate.fingerprint && facts.settled ? null : candidate;
}
