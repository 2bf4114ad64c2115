import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../../src/domain/agent-state.ts';
import type { SaveStep } from '../../../src/domain/save-step.ts';
import { transition } from '../../../src/domain/transition.ts';
import { deeds, moment, record, replies, state, token } from './fixtures.ts';

const session: SaveStep = { save: 'session', token: token() };
const journal: SaveStep = { save: 'record', record: record() };
const dropped: SaveStep = { save: 'raws-dropped', attempt: null };

/** A refresh that is asked for while a grant is saved, by what is still to be done. */
function refreshWhile(steps: readonly SaveStep[]): AgentState {
  const purpose = { kind: 'grant', slot: 'current' } as const;
  const before = state({
    phase: { name: 'saving', steps, retryAt: null, purpose },
    refreshRequests: ['early'],
  });
  return transition(before, { type: 'refresh-requested', request: 'r' }, moment()).state;
}

const ended = (before: AgentState) => transition(before, { type: 'step-saved' }, moment());

describe('a refresh that is asked for while a grant is saved', () => {
  it('is satisfied by the token that is not out yet', () => {
    expect(refreshWhile([session, journal])).toMatchObject({
      refreshRequests: ['early', 'r'],
      lateRefreshRequests: [],
    });
  });

  it('waits for another token than the one that is out', () => {
    const { state: after, effects } = ended(refreshWhile([dropped]));
    expect(replies(effects)).toEqual([['refreshed', null]]);
    expect(deeds(effects)).toContain('prepare');
    expect(after).toMatchObject({
      phase: { name: 'preparing', slot: 'current' },
      refreshRequests: ['r'],
      lateRefreshRequests: [],
    });
  });

  it('is told when the saving fails, like those before it', () => {
    const failure = { code: 'STORE_UNAVAILABLE', detail: 'the disk is full' } as const;
    const failed = transition(refreshWhile([journal]), { type: 'step-failed', failure }, moment());
    expect(replies(failed.effects)).toEqual([
      ['refreshed', 'SECRET_NOT_PERSISTED'],
      ['refreshed', 'SECRET_NOT_PERSISTED'],
    ]);
    expect(failed.state).toMatchObject({ refreshRequests: [], lateRefreshRequests: [] });
  });

  it('is told when the daemon stops', () => {
    const { effects } = ended({ ...refreshWhile([dropped]), stopping: true });
    expect(replies(effects)).toEqual([
      ['refreshed', null],
      ['refreshed', 'SHUTTING_DOWN'],
    ]);
  });
});
