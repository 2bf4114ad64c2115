import { describe, expect, it } from 'vitest';
import type { AgentState, SavePurpose } from '../../../src/domain/agent-state.ts';
import { nextWakeMs } from '../../../src/domain/next-wake.ts';
import type { SaveStep } from '../../../src/domain/save-step.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import { deeds, held, moment, now, record, replies, state, token, trouble } from './fixtures.ts';

const closed = record({ generation: 4, sequence: 4 });
const newToken = token({ sequence: 4, generation: 4, ...credential('new token') });
const current: SaveStep = { save: 'current', secret: held('next', 4), record: closed };
const session: SaveStep = { save: 'session', token: newToken };
const journal: SaveStep = { save: 'record', record: closed };
const candidate: SaveStep = { save: 'candidate', secret: held('handed over', 4), record: closed };
const removed: SaveStep = { save: 'candidate-removed' };
const dropped: SaveStep = { save: 'raws-dropped', attempt: null };

const handOver = { request: 'h', secret: credential('handed over') };
const purposes = {
  grant: { kind: 'grant', slot: 'current' },
  candidate: { kind: 'grant', slot: 'candidate' },
  outcome: { kind: 'outcome' },
  recommit: { kind: 'recommit' },
  'hand-over': { kind: 'hand-over', handOver },
} as const satisfies Record<string, SavePurpose>;

const failure = { code: 'STORE_UNAVAILABLE', detail: 'the disk is full' } as const;

function saving(
  steps: readonly SaveStep[],
  purpose: keyof typeof purposes,
  over: Partial<AgentState> = {},
): AgentState {
  return state({ phase: { name: 'saving', steps, retryAt: null, purpose: purposes[purpose] }, ...over });
}

const saved = (before: AgentState) => transition(before, { type: 'step-saved' }, moment());
const failed = (before: AgentState) => transition(before, { type: 'step-failed', failure }, moment());

describe('a step that is saved', () => {
  it.each([
    ['the secret', current, { current: held('next', 4), token: token(), record: record() }, ['save']],
    ['the token: only now it is published', session, { token: newToken }, ['publish', 'save']],
    ['the journal', journal, { record: closed }, ['save']],
    ['a candidate', candidate, { candidate: held('handed over', 4) }, ['save']],
    ['the key', { save: 'key' }, { record: record() }, ['save']],
    ['a candidate removed', removed, { candidate: null }, ['save']],
  ] as const)('%s is known, and the next begins', (_what, step, expected, done) => {
    const { state: after, effects } = saved(saving([step, dropped], 'outcome', { candidate: null }));
    expect(after).toMatchObject({ ...expected, phase: { name: 'saving', steps: [dropped] } });
    expect(deeds(effects)).toEqual(done);
  });

  it('does not publish again what was served from memory', () => {
    expect(deeds(saved(saving([session, journal], 'grant', { token: newToken })).effects)).toEqual(['save']);
  });
});

describe('the last step', () => {
  const clean = {
    blocked: null,
    refreshTrouble: null,
    failures: 0,
    backoffUntil: null,
    retryAfterUntil: null,
    unsaved: null,
  };
  const dirty: Partial<AgentState> = {
    blocked: trouble('STATE_CLONED'),
    refreshTrouble: trouble('SERVER_UNREACHABLE'),
    unsaved: trouble('SECRET_NOT_PERSISTED'),
    failures: 3,
    backoffUntil: now,
    retryAfterUntil: now,
    refreshRequests: ['r1', 'r2'],
    token: newToken,
    record: closed,
    verdictRequest: { request: 'v', secret: credential('x') },
  };

  it('of a grant clears everything and tells who asked', () => {
    const { state: after, effects } = saved(saving([dropped], 'grant', dirty));
    expect(after).toMatchObject({ ...clean, phase: { name: 'waiting' }, refreshRequests: [] });
    expect(after.verdictRequest, 'this was not the verdict on the candidate').not.toBeNull();
    expect(replies(effects)).toEqual([
      ['refreshed', null],
      ['refreshed', null],
    ]);
  });

  it('of a granted candidate is the verdict on it', () => {
    const { state: after, effects } = saved(
      saving([dropped], 'candidate', { ...dirty, refreshRequests: [] }),
    );
    expect(after).toMatchObject({ ...clean, verdictRequest: null });
    expect(replies(effects)).toEqual([['judged', null]]);
  });

  it('of a hand-over tells its caller, and the one whose candidate it replaced', () => {
    const { state: after, effects } = saved(saving([candidate], 'hand-over', dirty));
    expect(replies(effects)).toEqual([
      ['stored', null],
      ['judged', 'HANDOVER_REFUSED'],
    ]);
    expect(after.verdictRequest).toEqual(handOver);
    expect(after.phase, 'a candidate goes at once').toEqual({ name: 'preparing', slot: 'candidate' });
  });

  it.each(['outcome', 'recommit'] as const)('of a %s leads back to rest', (purpose) => {
    const { state: after } = saved(saving([journal], purpose, { storeTrouble: trouble('STORE_LOCKED') }));
    expect(after).toMatchObject({ phase: { name: 'waiting' }, storeTrouble: null });
  });

  it('gives way to a hand-over that waited', () => {
    const { state: after } = saved(saving([dropped], 'grant', { queuedHandOver: handOver, token: newToken }));
    expect(after.phase).toMatchObject({ name: 'saving', purpose: purposes['hand-over'] });
  });
});

describe('a step that fails', () => {
  it('of a grant: the token is served from memory, nothing else starts, and everyone is told', () => {
    const before = saving([current, session, journal], 'grant', {
      refreshRequests: ['r'],
      queuedHandOver: handOver,
    });
    const { state: after, effects } = failed(before);
    expect(after.phase).toMatchObject({
      name: 'saving',
      steps: [current, session, journal],
      retryAt: addMs(now, 500),
    });
    expect(after).toMatchObject({
      token: newToken,
      current: held('current', 3),
      unsaved: { code: 'SECRET_NOT_PERSISTED', detail: 'the disk is full', since: now },
      queuedHandOver: null,
      refreshRequests: [],
    });
    expect(effects).toContainEqual({ do: 'publish', token: newToken });
    expect(replies(effects)).toEqual([
      ['stored', 'SECRET_NOT_PERSISTED'],
      ['refreshed', 'SECRET_NOT_PERSISTED'],
    ]);
  });

  it('of a grant again: not published twice, and unsaved since the first time', () => {
    const since = addMs(now, -60_000);
    const over = { token: newToken, unsaved: { ...trouble('SECRET_NOT_PERSISTED'), since } };
    const { state: after, effects } = failed(saving([current, session], 'grant', over));
    expect(deeds(effects)).toEqual([]);
    expect(after.unsaved?.since).toEqual(since);
  });

  it.each(['outcome', 'recommit'] as const)(
    'of a %s: the store is in trouble, and everyone is told',
    (purpose) => {
      const before = saving([journal], purpose, { refreshRequests: ['r'], queuedHandOver: handOver });
      const { state: after, effects } = failed(before);
      expect(after).toMatchObject({
        storeTrouble: failure,
        unsaved: null,
        queuedHandOver: null,
        refreshRequests: [],
      });
      expect(after.phase).toMatchObject({ name: 'saving', retryAt: addMs(now, 500) });
      expect(replies(effects)).toEqual([
        ['stored', 'STORE_UNAVAILABLE'],
        ['refreshed', 'STORE_UNAVAILABLE'],
      ]);
    },
  );

  it('of a hand-over is its caller to repeat', () => {
    const { state: after, effects } = failed(saving([candidate, journal], 'hand-over'));
    expect(after).toMatchObject({ phase: { name: 'waiting' }, candidate: null, record: record() });
    expect(replies(effects)).toEqual([['stored', 'STORE_UNAVAILABLE']]);
  });

  it.each([removed, dropped])('of tidying up is not repeated: %o', (step) => {
    const { state: after, effects } = failed(saving([step, journal], 'grant', { candidate: held('x', 4) }));
    expect(after.phase).toMatchObject({ steps: [journal], retryAt: null });
    expect(deeds(effects)).toEqual(['save']);
  });
});

const waiting = failed(saving([current, session], 'grant')).state;

/** How long is waited after one more failure, for the middle draw. */
function pause(failures: number, stopping: boolean): number | null {
  const { phase } = failed({ ...saving([current], 'grant'), failures, stopping }).state;
  return phase.name === 'saving' && phase.retryAt !== null ? phase.retryAt.bootMs - now.bootMs : null;
}

describe('a failed step', () => {
  it.each([
    ['is not repeated before its time', waiting, 499, []],
    ['is repeated when it is due', waiting, 500, ['save']],
    ['is repeated at once when a stop was asked for', { ...waiting, stopping: true }, 0, ['save']],
  ])('%s', (_what, before, afterMs, expected) => {
    const { state: after, effects } = transition(before, { type: 'woke' }, moment(afterMs));
    expect(deeds(effects)).toEqual(expected);
    expect(after.phase).toMatchObject({ steps: [current, session] });
  });

  it('is repeated by the stop itself', () => {
    const { state: after, effects } = transition(waiting, { type: 'stop-requested' }, moment());
    expect(deeds(effects)).toEqual(['save']);
    expect(after.stopping).toBe(true);
  });

  it('wakes the agent when it is due', () => {
    expect(nextWakeMs(waiting, addMs(now, 100))).toBe(400);
  });

  it('waits longer each time, but never over 15 s, and under a stop never over 1 s', () => {
    expect([0, 1, 2, 3, 4, 9].map((failures) => pause(failures, false))).toEqual([
      500, 1_000, 2_000, 4_000, 7_500, 7_500,
    ]);
    expect([0, 1, 9].map((failures) => pause(failures, true))).toEqual([500, 500, 500]);
  });
});
