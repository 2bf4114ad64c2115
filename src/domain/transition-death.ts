import type { AgentEffect, Transition } from './agent-effect.ts';
import type { Moment } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import type { Attempt, JournalRecord } from './journal-entry.ts';
import { isDead, isReported, withDeadToken } from './rejection.ts';
import type { SaveStep } from './save-step.ts';
import { after, startSaving } from './transition-parts.ts';

/** A token that dies with its secret. */

/**
 * Whether a refused secret takes its token with it: where it is the token, or where tokens can be revoked and somebody was
 * refused with this one already. Else issued tokens stay valid (API page "Revoke Agent Secret").
 */
export function diesWithSecret(state: AgentState, { fingerprint }: Attempt): boolean {
  const { settings, token } = state;
  if (token === null || isDead(state)) return false;
  return settings.exchange
    ? settings.tokensRevocable && isReported(state)
    : token.fingerprint === fingerprint;
}

/** Like every token that is found dead: memory follows the disk. */
export function buryWithSecret(
  state: AgentState,
  attempt: Attempt,
  record: JournalRecord,
  { now }: Moment,
): Transition<AgentState> {
  const sequence = state.token?.sequence ?? 0;
  const steps: SaveStep[] = [
    { save: 'record', record: withDeadToken(record, sequence, state, now) },
    { save: 'raws-dropped', attempt: attempt.id },
  ];
  const revoked: AgentEffect = { do: 'note', note: { event: 'token-revoked', sequence } };
  return after([revoked], startSaving(state, steps, { kind: 'dead-token' }));
}
