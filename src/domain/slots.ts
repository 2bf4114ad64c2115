import type { AgentState } from './agent-state.ts';
import type { AttemptSlot, HeldSecret } from './journal-entry.ts';
import type { Credential } from './secret.ts';

/** The secret in a slot; null where there is none. */
export function credentialIn(state: AgentState, slot: AttemptSlot): Credential | null {
  if (slot === 'current') return state.current;
  return slot === 'previous' ? (state.record?.previous ?? null) : state.candidate;
}

/** The candidate if it still waits for a verdict; one that was refused stays in the store and counts for nothing. */
export function pendingCandidate(state: AgentState): HeldSecret | null {
  const { candidate, record } = state;
  if (candidate === null || record === null) return null;
  const facts = record.candidate;
  return facts?.fingerprint === candidate.fingerprint && facts.refused ? null : candidate;
}
