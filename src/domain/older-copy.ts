import type { Transition } from './agent-effect.ts';
import type { OpenedView } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import type { HeldSecret, JournalRecord } from './journal-entry.ts';
import type { StoreVerdict } from './reconcile.ts';
import type { SaveStep } from './save-step.ts';
import { pendingCandidate } from './slots.ts';
import { startSaving } from './transition-parts.ts';

/**
 * An older copy of the state folder was put in the place of the one in use, while this process ran. Its secret is spent, and
 * only this process still knows the good one: what it knows is written again, as for a store that lost its last write.
 */

/**
 * What this process knows of the same agent at the same place, where it is newer than what the folder says now; else null.
 * A standby knows nothing: the holder may have gone on from there.
 */
export function newerInMemory(
  { record, blocked, heldElsewhere }: AgentState,
  view: OpenedView,
): JournalRecord | null {
  const found = view.record;
  if (record === null || blocked !== null || heldElsewhere !== null) return null;
  if (found === null || found === 'unreadable' || view.identity !== record.identity) return null;
  const isSame = found.stateId === record.stateId && found.origin === record.origin;
  const isNewer = record.generation > found.generation || record.sequence > found.sequence;
  return isSame && isNewer ? record : null;
}

/** Record first: from then on a start finishes the rest by itself. A candidate of the copy was judged long ago. */
export function writeAnew(
  state: AgentState,
  memory: AgentState,
  record: JournalRecord,
  verdict: Extract<StoreVerdict, { kind: 'agree' | 'recommit' }>,
): Transition<AgentState> {
  const current: SaveStep[] =
    verdict.kind === 'recommit' ? [{ save: 'current', secret: verdict.secret, record }] : [];
  const session: SaveStep[] = state.token === null ? [] : [{ save: 'session', token: state.token }];
  return startSaving(
    state,
    [
      { save: 'record', record },
      ...current,
      ...session,
      ...candidateSteps(memory, record, verdict.candidate),
    ],
    { kind: 'recommit' },
  );
}

function candidateSteps(
  memory: AgentState,
  record: JournalRecord,
  found: HeldSecret | null,
): readonly SaveStep[] {
  if (found !== null && found.generation > record.generation) return [];
  const pending = pendingCandidate(memory);
  if (pending !== null && pending.fingerprint !== found?.fingerprint)
    return [{ save: 'candidate', secret: pending, record }];
  return found === null || pending !== null ? [] : [{ save: 'candidate-removed' }];
}
