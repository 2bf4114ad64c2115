import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../../src/domain/agent-state.ts';
import { plan, tokenUsable, type Plan } from '../../../src/domain/plan.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { minute, now, record, settings, state, token, trouble } from './fixtures.ts';

const attempt = (slot: 'current' | 'previous' | 'candidate'): Plan => ({ do: 'attempt', slot });
const wait = (reason: Extract<Plan, { do: 'wait' }>['for'], afterMs: number): Plan => ({
  do: 'wait',
  for: reason,
  afterMs,
});
const rest: Plan = { do: 'rest' };
const inMs = (ms: number) => addMs(now, ms);

const expired = token({ sentAt: inMs(-31 * minute) });
const due = token({ sentAt: inMs(-23 * minute) });

const table: readonly (readonly [what: string, over: Partial<AgentState>, expected: Plan])[] = [
  ['not open: opens', { opened: false }, { do: 'open' }],
  ['not open: pauses after a failure', { opened: false, backoffUntil: inMs(700) }, wait('store', 700)],
  [
    'standby: asks for the locks again',
    { opened: false, heldElsewhere: { holderPid: 7 }, backoffUntil: inMs(1_000) },
    wait('holder', 1_000),
  ],
  ['no record: nothing to do', { record: null, current: null }, rest],
  ['no secret: nothing to do', { current: null }, rest],
  ['a command that only stores', { settings: { ...settings, exchanges: false }, token: null }, rest],

  ['no token: at once', { token: null }, attempt('current')],
  ['a token that ended: at once', { token: expired }, attempt('current')],
  ['a rejected token: at once', { record: record({ rejectedSequence: 3 }) }, attempt('current')],
  [
    'an older token was rejected: as planned',
    { record: record({ rejectedSequence: 2 }) },
    wait('refresh', 21.5 * minute),
  ],
  ['a token: at its refresh point', {}, wait('refresh', 21.5 * minute)],
  ['a token past its refresh point: at once', { token: due }, attempt('current')],
  ['asked to refresh: at once', { refreshRequests: ['r'] }, attempt('current')],

  [
    'a refresh that failed: again, early as it is',
    { refreshTrouble: trouble('SERVER_UNREACHABLE') },
    attempt('current'),
  ],
  ['a store that failed: again', { storeTrouble: trouble('STORE_LOCKED') }, attempt('current')],
  [
    'a refresh that failed, after its pause',
    { refreshTrouble: trouble('SERVER_UNREACHABLE'), backoffUntil: inMs(4_000) },
    wait('backoff', 4_000),
  ],

  ['our own pause', { token: null, backoffUntil: inMs(4_000) }, wait('backoff', 4_000)],
  ['our own pause is over', { token: null, backoffUntil: inMs(-1) }, attempt('current')],
  [
    'a request skips our own pause',
    { refreshRequests: ['r'], backoffUntil: inMs(4_000) },
    attempt('current'),
  ],
  ["the server's wish", { token: null, retryAfterUntil: inMs(30_000) }, wait('retry-after', 30_000)],
  [
    "the server's wish holds for a request too",
    { refreshRequests: ['r'], retryAfterUntil: inMs(30_000) },
    wait('retry-after', 30_000),
  ],
  [
    'an empty bucket',
    { token: null, record: record({ bucket: { level: 0, at: now } }) },
    wait('bucket', 10_000),
  ],
  [
    'an empty bucket holds for a request too',
    { refreshRequests: ['r'], record: record({ bucket: { level: 0.5, at: now } }) },
    wait('bucket', 5_000),
  ],
  [
    'the longest wait wins',
    {
      token: null,
      backoffUntil: inMs(4_000),
      retryAfterUntil: inMs(30_000),
      record: record({ bucket: { level: 0, at: now } }),
    },
    wait('retry-after', 30_000),
  ],
  ['blocked: a person', { blocked: trouble('STATE_CLONED'), token: null }, rest],
  [
    'blocked: a request changes nothing',
    { blocked: trouble('STATE_UNREADABLE'), refreshRequests: ['r'] },
    rest,
  ],
];

describe('what an idle agent does next', () => {
  it.each(table)('%s', (_what, over, expected) => {
    expect(plan(state(over), now)).toEqual(expected);
  });
});

describe('whether a token may be served', () => {
  it.each([
    ['none', { token: null }, false],
    ['a living one', {}, true],
    ['an expired one', { token: expired }, false],
    ['a rejected one', { record: record({ rejectedSequence: 3 }) }, false],
    ['one without a record', { record: null }, true],
  ] as const)('%s', (_what, over, expected) => {
    expect(tokenUsable(state(over), now)).toBe(expected);
  });
});
