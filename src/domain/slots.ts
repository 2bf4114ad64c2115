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
