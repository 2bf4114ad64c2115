import { describe, expect, it } from 'vitest';
import type { AgentState, Phase } from '../../../src/domain/agent-state.ts';
import { nextWakeMs } from '../../../src/domain/next-wake.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import {
  attempt,
  candidateFacts,
  deeds,
  doubt,
  held,
  minute,
  moment,
  now,
  outcomes,
  record,
  refusal,
  replies,
  settings,
  state,
  token,
  trouble,
} from './fixtures.ts';

const halt = { ...settings, inDoubt: 'halt' } as const;
const inMs = (ms: number) => addMs(now, ms);
const doubted = record({ current: { doubt: doubt(), uncertain: false } });
const doubtOver = (ms: number) =>
  record({ current: { doubt: doubt({ overAt: inMs(ms) }), uncertain: false } });
const pending = { candidate: held('c', 4), record: record({ candidate: candidateFacts('c') }) };

function refresh(over: Partial<AgentState>) {
  return transition(state(over), { type: 'refresh-requested', request: 'r' }, moment());
}

/** What the caller is told: code and milliseconds to wait. */
function told({ effects }: ReturnType<typeof refresh>) {
  return effects.flatMap((effect) =>
    effect.do === 'reply' ? [[effect.error?.code, effect.error?.retryAfterMs]] : [],
  );
}

describe('a refresh that can start', () => {
  it.each([
    ['in the middle of a life', {}, 'current'],
    ['in spite of our own pause', { backoffUntil: inMs(60_000) }, 'current'],
    ['in a doubt whose attempt is over', { record: doubted }, 'current'],
    ['with a candidate, in spite of a block', { ...pending, blocked: trouble('STATE_CLONED') }, 'candidate'],
    ['with a candidate, without a current secret', { ...pending, current: null }, 'candidate'],
  ] as const)('starts: %s', (_what, over, slot) => {
    const result = refresh(over);
    expect(result.state).toMatchObject({ phase: { name: 'preparing', slot }, refreshRequests: ['r'] });
    expect(deeds(result.effects)).toEqual(['prepare']);
  });
});

describe('a refresh that joins', () => {
  const phases: readonly Phase[] = [
    { name: 'opening' },
    { name: 'preparing', slot: 'current' },
    { name: 'exchanging', attempt: attempt() },
    {
      name: 'saving',
      steps: [{ save: 'session', token: token() }],
      retryAt: null,
      purpose: { kind: 'grant', slot: 'current' },
    },
  ];

  it.each(phases)('what is under way: $name', (phase) => {
    const { state: after, effects } = refresh({ phase, refreshRequests: ['earlier'] });
    expect(after).toEqual(state({ phase, refreshRequests: ['earlier', 'r'] }));
    expect(effects).toEqual([]);
  });

  it('a replay that comes soon', () => {
    const { state: after, effects } = refresh({ record: doubtOver(9_000) });
    expect(after.refreshRequests).toEqual(['r']);
    expect(effects).toEqual([]);
  });
});

describe('a refresh that comes when the new token is out already', () => {
  const late = refresh({
    phase: {
      name: 'saving',
      steps: [{ save: 'raws-dropped', attempt: null }],
      retryAt: null,
      purpose: { kind: 'grant', slot: 'current' },
    },
    refreshRequests: ['earlier'],
  }).state;

  it('is not answered with that one: it waits for the next', () => {
    const { state: after, effects } = transition(late, { type: 'step-saved' }, moment());
    expect(effects.filter((effect) => effect.do === 'reply')).toEqual([
      { do: 'reply', request: 'earlier', topic: 'refreshed', error: null },
    ]);
    expect(after).toMatchObject({ phase: { name: 'preparing' }, refreshRequests: ['r'] });
  });

  it('is told with the others where the journal cannot be closed', () => {
    const phase: Phase = {
      name: 'saving',
      steps: [{ save: 'record', record: record() }],
      retryAt: null,
      purpose: { kind: 'grant', slot: 'current' },
    };
    const failure = { code: 'STORE_UNAVAILABLE', detail: 'full' } as const;
    const { effects } = transition({ ...late, phase }, { type: 'step-failed', failure }, moment());
    expect(replies(effects)).toEqual([
      ['refreshed', 'SECRET_NOT_PERSISTED'],
      ['refreshed', 'SECRET_NOT_PERSISTED'],
    ]);
  });
});

/** The last outcome is being saved, and somebody asked meanwhile. */
const saving = (over: Partial<AgentState>): AgentState =>
  state({
    phase: {
      name: 'saving',
      steps: [{ save: 'raws-dropped', attempt: null }],
      retryAt: null,
      purpose: { kind: 'outcome' },
    },
    refreshRequests: ['r'],
    ...over,
  });

describe('a refresh that cannot start', () => {
  const empty = record({ bucket: { level: 0, at: now } });
  const rows: readonly (readonly [string, Partial<AgentState>, string, number | null])[] = [
    [
      'standby',
      { opened: false, heldElsewhere: { holderPid: 7 }, backoffUntil: inMs(900) },
      'AGENT_HELD',
      null,
    ],
    [
      'the store is locked',
      { opened: false, storeTrouble: trouble('STORE_LOCKED'), backoffUntil: inMs(900) },
      'STORE_UNAVAILABLE',
      900,
    ],
    ['no secret', { record: null, current: null }, 'SECRET_ABSENT', null],
    ['cloned', { blocked: trouble('STATE_CLONED') }, 'STATE_CLONED', null],
    [
      'unreadable',
      { blocked: trouble('STATE_UNREADABLE'), record: null, current: null },
      'STATE_UNREADABLE',
      null,
    ],
    ['in doubt under halt', { settings: halt, record: doubted }, 'IN_DOUBT', null],
    ['in doubt, and the replay is far', { record: doubted, backoffUntil: inMs(45_000) }, 'IN_DOUBT', 45_000],
    ['revoked', { record: record({ refusal: refusal('refused') }) }, 'SECRET_REVOKED', 5 * minute],
    ['lost', { record: record({ refusal: refusal('lost') }) }, 'SECRET_LOST_IN_FLIGHT', 5 * minute],
    ['the server asked to wait', { retryAfterUntil: inMs(30_000) }, 'SERVER_RATE_LIMITED', 30_000],
    ['the bucket is empty', { record: empty }, 'RATE_LIMITED', 10_000],
    [
      'not saved',
      {
        phase: { name: 'saving', steps: [], retryAt: inMs(700), purpose: { kind: 'grant', slot: 'current' } },
        unsaved: trouble('SECRET_NOT_PERSISTED'),
      },
      'SECRET_NOT_PERSISTED',
      700,
    ],
    [
      'an outcome is not saved',
      { phase: { name: 'saving', steps: [], retryAt: inMs(700), purpose: { kind: 'outcome' } } },
      'STORE_UNAVAILABLE',
      700,
    ],
    ['stopped', { phase: { name: 'stopped' } }, 'SHUTTING_DOWN', 1_000],
  ];

  it.each(rows)('is told so at once: %s', (_what, over, code, retryAfterMs) => {
    const result = refresh(over);
    expect(result.state).toEqual(state(over));
    expect(told(result)).toEqual([[code, retryAfterMs]]);
  });

  it('is told where it came while the last outcome was still being saved', () => {
    for (const [, over, code] of rows.filter(([, { phase }]) => phase === undefined)) {
      const { state: after, effects } = transition(saving(over), { type: 'step-saved' }, moment());
      expect(after.refreshRequests).toEqual([]);
      expect(replies(effects).slice(0, 1)).toEqual([['refreshed', code]]);
    }
  });

  it('is told when to come back after a try that failed', () => {
    const phase: Phase = { name: 'interpreting', attempt: attempt(), answeredAt: now };
    const before = state({ phase, refreshRequests: ['r'], token: null });
    const result = transition(before, { type: 'interpreted', outcome: outcomes['rate-limited'] }, moment());
    expect(told(result)).toEqual([['SERVER_RATE_LIMITED', 45_000]]);
  });
});

describe('the next time that something is due though nothing happens', () => {
  const lifeOver = 29 * minute;

  it.each([
    ['the refresh; before it the alert at half of the life', {}, 14 * minute],
    ['the refresh', { token: token({ sentAt: inMs(-20 * minute) }) }, 2.5 * minute],
    ['a pause', { token: null, backoffUntil: inMs(700) }, 700],
    [
      'the locks',
      { opened: false, token: null, heldElsewhere: { holderPid: 7 }, backoffUntil: inMs(900) },
      900,
    ],
    [
      'the end of the token, blocked as it is',
      { token: token({ sentAt: inMs(-25 * minute) }), blocked: trouble('STATE_CLONED') },
      5 * minute,
    ],
    [
      'the alert at a fifth of the life',
      { token: token({ sentAt: inMs(-20 * minute) }), blocked: trouble('STATE_CLONED') },
      4 * minute,
    ],
    [
      'the end of the token, while something is under way',
      {
        phase: { name: 'exchanging', attempt: attempt() },
        token: token({ sentAt: inMs(lifeOver - 30 * minute - 25 * minute) }),
      },
      4 * minute,
    ],
    ['a replay', { record: doubtOver(9_000) }, 9_000],
    ['a pause that was over before a timer was set', { token: null, backoffUntil: inMs(-1) }, 0],
    ['the same, for the store', { opened: false, token: null, backoffUntil: inMs(-1) }, 0],
    ['nothing', { token: null, record: null, current: null }, null],
    ['nothing: stopped', { phase: { name: 'stopped' } }, null],
  ] as const)('%s', (_what, over, expected) => {
    expect(nextWakeMs(state(over), now)).toBe(expected);
  });
});
