import type { AgentState } from './agent-state.ts';
import type { SaveStep } from './save-step.ts';
import type { Token } from './token.ts';

/**
 * The steps of a rotation as they are counted, in their order (the ten of docs/architecture.md; the pre-flight in its parts,
 * and what is read out of the answer by itself). A step that happens less often than the one before it is where rotations end.
 */
export type RotationStep =
  | 'locks-held'
  | 'store-read'
  | 'preflight-passed'
  | 'connected'
  | 'intent-saved'
  | 'request-sent'
  | 'answer-received'
  | 'answer-saved'
  | 'answer-understood'
  | 'secret-saved'
  | 'session-saved'
  | 'token-published'
  | 'journal-closed';

/** The step whose saving is under way; null where what is saved belongs to no rotation, or finishes none. */
export function stepBeingSaved({ phase }: AgentState): RotationStep | null {
  if (phase.name !== 'saving') return null;
  const { purpose, steps } = phase;
  if (purpose.kind !== 'grant' && purpose.kind !== 'outcome' && !endsRefused(steps)) return null;
  switch (steps[0]?.save) {
    case 'record':
      return 'journal-closed';
    case 'session':
      return 'session-saved';
    case 'current':
      // A first secret that the server refuses is kept as the current one, which ends no rotation.
      return purpose.kind === 'grant' ? 'secret-saved' : null;
    default:
      return null;
  }
}

/** A token that dies with its refused secret is written down with the end of the attempt; one that dies alone ends none. */
function endsRefused(steps: readonly SaveStep[]): boolean {
  return steps.some(({ save }) => save === 'raws-dropped');
}

/** Whether this token comes out of a rotation, rather than from the disk at a start. */
export function isFromRotation({ phase }: AgentState, token: Token): boolean {
  if (phase.name !== 'saving' || phase.purpose.kind !== 'grant') return false;
  const session = phase.steps.find((step) => step.save === 'session');
  return session === undefined || session.token === token;
}
