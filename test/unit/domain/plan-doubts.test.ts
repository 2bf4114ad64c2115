import { describe, expect, it } from 'vitest';
import type { AgentSettings, AgentState } from '../../../src/domain/agent-state.ts';
import { plan, type Plan } from '../../../src/domain/plan.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import {
  candidateFacts,
  doubt,
  held,
  minute,
  now,
  previous,
  record,
  refusal,
  settings,
  state,
  trouble,
} from './fixtures.ts';

const attempt = (slot: 'current' | 'previous' | 'candidate'): Plan => ({ do: 'attempt', slot });
const wait = (reason: Extract<Plan, { do: 'wait' }>['for'], afterMs: number): Plan => ({
  do: 'wait',
  for: reason,
  afterMs,
});
const rest: Plan = { do: 'rest' };
const inMs = (ms: number) => addMs(now, ms);
const halt: AgentSettings = { ...settings, inDoubt: 'halt' };
const doubted = record({ current: { doubt: doubt(), uncertain: false } });
const justDoubted = record({ current: { doubt: doubt({ overAt: inMs(9_000) }), uncertain: false } });
const pending = {
  candidate: held('handed over', 4),
  record: record({ candidate: candidateFacts('handed over') }),
};
const pendingIn = (over: Parameters<typeof doubt>[0]) => ({
  candidate: held('handed over', 4),
  record: record({ candidate: candidateFacts('handed over', { doubt: doubt(over) }) }),
});

/** Some doubt is not the candidate's: its text is another one. */
const otherCandidatesDoubt = {
  candidate: held('handed over', 4),
  record: record({ candidate: candidateFacts('an earlier one', { doubt: doubt({ overAt: inMs(9_000) }) }) }),
};

const table: readonly (readonly [what: string, over: Partial<AgentState>, expected: Plan])[] = [
  ['in doubt: the replay, once the attempt is over', { record: doubted }, attempt('current')],
  ['in doubt, still under way', { record: justDoubted }, wait('replay', 9_000)],
  ['in doubt without a token: at once', { record: justDoubted, token: null }, attempt('current')],
  [
    'in doubt: a request waits for the replay',
    { record: justDoubted, refreshRequests: ['r'] },
    wait('replay', 9_000),
  ],
  [
    'in doubt: a request does not skip our own pause',
    { record: doubted, refreshRequests: ['r'], backoffUntil: inMs(4_000) },
    wait('backoff', 4_000),
  ],
  [
    'in doubt, after a reboot with the wall clock far back',
    {
      record: record({
        current: {
          doubt: doubt({ overAt: { bootId: 'boot-0', bootMs: 1, wallMs: now.wallMs + 1e12 } }),
          uncertain: false,
        },
      }),
    },
    wait('replay', 20_000),
  ],
  ['in doubt under halt: a person', { settings: halt, record: doubted, token: null }, rest],
  ['under halt a request changes nothing', { settings: halt, record: doubted, refreshRequests: ['r'] }, rest],
  [
    'halt without rotation: retried',
    { settings: { ...halt, rotates: false }, record: doubted },
    attempt('current'),
  ],

  [
    'suspected: the previous secret at once',
    { record: record({ refusal: refusal('suspected') }) },
    attempt('previous'),
  ],
  [
    'suspected without a previous one',
    { record: record({ refusal: refusal('suspected'), previous: null }), token: null },
    attempt('current'),
  ],
  [
    'suspected, the previous one in doubt',
    {
      record: record({
        refusal: refusal('suspected'),
        previous: previous('previous', { doubt: doubt({ overAt: inMs(9_000) }) }),
      }),
    },
    wait('replay', 9_000),
  ],
  [
    'refused: one try per 5 minutes',
    { record: record({ refusal: refusal('refused') }) },
    wait('refusal-pace', 5 * minute),
  ],
  [
    'lost: one try per 5 minutes',
    { record: record({ refusal: refusal('lost') }) },
    wait('refusal-pace', 5 * minute),
  ],
  [
    'refused: a request waits too',
    { record: record({ refusal: refusal('refused') }), refreshRequests: ['r'] },
    wait('refusal-pace', 5 * minute),
  ],
  [
    'refused, 5 minutes later',
    { record: record({ refusal: refusal('refused', { lastTryAt: inMs(-5 * minute) }) }) },
    attempt('current'),
  ],
  [
    'refused again: the two secrets in turn',
    { record: record({ refusal: refusal('refused', { lastTryAt: inMs(-5 * minute), tries: 2 }) }) },
    attempt('previous'),
  ],
  [
    'refused, and only one secret',
    {
      record: record({
        refusal: refusal('refused', { lastTryAt: inMs(-5 * minute), tries: 2 }),
        previous: null,
      }),
    },
    attempt('current'),
  ],
  [
    'refused under halt: never the previous one',
    {
      settings: halt,
      record: record({ refusal: refusal('refused', { lastTryAt: inMs(-5 * minute), tries: 2 }) }),
    },
    attempt('current'),
  ],

  ['a candidate goes at once', pending, attempt('candidate')],
  [
    'before a replay',
    { ...pending, record: { ...pending.record, current: doubted.current } },
    attempt('candidate'),
  ],
  [
    'in spite of refused',
    { ...pending, record: { ...pending.record, refusal: refusal('refused') } },
    attempt('candidate'),
  ],
  [
    'in spite of lost',
    { ...pending, record: { ...pending.record, refusal: refusal('lost') } },
    attempt('candidate'),
  ],
  ['in spite of cloned', { ...pending, blocked: trouble('STATE_CLONED') }, attempt('candidate')],
  ['in spite of rolled back', { ...pending, blocked: trouble('STATE_ROLLED_BACK') }, attempt('candidate')],
  [
    'under halt, while the current one is in doubt',
    { ...pending, settings: halt, record: { ...pending.record, current: doubted.current } },
    attempt('candidate'),
  ],
  ['without a current secret', { ...pending, current: null, token: null }, attempt('candidate')],
  ['a candidate in doubt is replayed', pendingIn({}), attempt('candidate')],
  ['not before its attempt is over', pendingIn({ overAt: inMs(9_000) }), wait('replay', 9_000)],
  ['a candidate in doubt under halt: a person', { ...pendingIn({}), settings: halt }, rest],
  ['the doubt of another candidate is not its own', otherCandidatesDoubt, attempt('candidate')],
  [
    'a settled candidate counts for nothing',
    {
      candidate: held('handed over', 4),
      record: record({ candidate: candidateFacts('handed over', { settled: true }) }),
    },
    wait('refresh', 21.5 * minute),
  ],
  ['the pause holds for a candidate', { ...pending, backoffUntil: inMs(700) }, wait('backoff', 700)],
];

describe('what an idle agent does next after a doubt, a refusal or a hand-over', () => {
  it.each(table)('%s', (_what, over, expected) => {
    expect(plan(state(over), now)).toEqual(expected);
  });
});
