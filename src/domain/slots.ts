import type { AgentState } from './agent-state.ts';
import type { AttemptSlot, Doubt, HeldSecret } from './journal-entry.ts';
import { doubtOf } from './ledger.ts';
import type { Credential } from './secret.ts';

/**
 * Whether the watched file holds nothing new: the agent has this very secret, to use or to try, or the server has judged it as
 * the last candidate. A crash can keep a candidate and not the note that it came from the file, and who shows a spent secret
 * may be punished for it.
 */
export function isOldNews(
  { current, candidate, record }: Pick<AgentState, 'current' | 'candidate' | 'record'>,
  { fingerprint }: Pick<Credential, 'fingerprint'>,
): boolean {
  const judged = record?.candidate?.settled === true ? record.candidate : null;
  return [current, candidate, judged].some((known) => known?.fingerprint === fingerprint);
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
