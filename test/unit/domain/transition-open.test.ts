import { describe, expect, it } from 'vitest';
import type { InterpretedRaw, OpenedView } from '../../../src/domain/agent-event.ts';
import type { AgentState } from '../../../src/domain/agent-state.ts';
import { initialState } from '../../../src/domain/agent-state.ts';
import type { JournalRecord } from '../../../src/domain/journal-entry.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  candidateAttempt,
  candidateFacts,
  doubt,
  granted,
  held,
  minute,
  moment,
  now,
  outcomes,
  previous,
  record,
  settings,
  stored,
  token,
} from './fixtures.ts';

const good: OpenedView = {
  identity: 'host:one',
  keyPresent: true,
  sealedStatePresent: true,
  current: stored('current', 3),
  candidate: null,
  record: record(),
  session: token(),
  raws: [],
};

function opened(view: Partial<OpenedView>, over: Partial<AgentState> = {}) {
  const before = { ...initialState(settings), ...over };
  return transition(before, { type: 'opened', view: { ...good, ...view } }, moment());
}

/** What the start does first: the steps that it saves, or the name of the phase. */
function first({ state: { phase } }: ReturnType<typeof opened>): readonly string[] {
  return phase.name === 'saving' ? phase.steps.map((step) => step.save) : [phase.name];
}

const intended = (over: Partial<JournalRecord> = {}) => record({ intent: attempt(), ...over });
const raw = (outcome: InterpretedRaw['outcome'], of = attempt()): InterpretedRaw => ({
  attempt: of,
  outcome,
});

const grantSteps = ['current', 'session', 'record', 'raws-dropped'];
const candidateSteps = ['current', 'session', 'record', 'candidate-removed', 'raws-dropped'];
const older = stored('previous', 2);
const newer = stored('next', 4);
const doubted = record({ current: { doubt: doubt(), uncertain: false } });
const withCandidate = {
  candidate: stored('handed over', 4),
  record: record({ intent: candidateAttempt('handed over'), candidate: candidateFacts('handed over') }),
};

describe('a start finds', () => {
  const rows: readonly (readonly [string, Partial<OpenedView>, readonly string[], object])[] = [
    [
      'nothing at all',
      { current: null, record: null, session: null, sealedStatePresent: false, keyPresent: false },
      ['waiting'],
      { record: null },
    ],
    ['a key and nothing else', { current: null, record: null, session: null }, ['waiting'], { record: null }],
    [
      'everything in order: the token is served',
      {},
      ['waiting'],
      { current: held('current', 3), token: token() },
    ],
    ['a token that ended', { session: token({ sentAt: addMs(now, -31 * minute) }) }, ['preparing'], {}],
    ['a rejected token', { record: record({ rejectedSequence: 3 }) }, ['preparing'], {}],
    ['no token', { session: null }, ['preparing'], { token: null }],

    ['the store behind', { current: older }, ['current'], { current: held('current', 3) }],
    ['the store empty', { current: null }, ['current'], { current: held('current', 3) }],
    [
      'the store ahead',
      { current: newer },
      ['record'],
      { current: held('next', 4), record: { generation: 4, kept: held('next', 4) } },
    ],
    [
      'the store ahead, and a token beside it',
      { current: newer, session: token({ sequence: 4 }), record: intended() },
      ['record'],
      { record: { sequence: 4 } },
    ],

    [
      'an intent without an answer',
      { record: intended() },
      ['record'],
      { record: { intent: null, current: { doubt: { attempts: 1 } } } },
    ],
    [
      'the same, the store behind',
      { record: intended(), current: older },
      ['record'],
      { record: { current: { doubt: { attempts: 1 } } } },
    ],
    [
      'the same, the store ahead: it was answered',
      { record: intended(), current: newer },
      ['record'],
      { record: { generation: 4, intent: null, previous: previous('current', { generation: 3 }) } },
    ],
    ['a doubt from before', { record: doubted }, ['preparing'], {}],

    ['an intent and a grant', { record: intended(), raws: [raw(granted())] }, grantSteps, {}],
    [
      'the same, the store behind',
      { record: intended(), current: older, raws: [raw(granted())] },
      grantSteps,
      {},
    ],
    [
      'the same, the store has it already: the token is not lost',
      { record: intended(), current: newer, raws: [raw(granted())] },
      grantSteps,
      {},
    ],
    [
      'a grant of another secret, the store ahead',
      { record: intended(), current: newer, raws: [raw(granted('other'))] },
      ['record'],
      { record: { generation: 4 } },
    ],
    [
      'an intent and a refusal',
      { record: intended(), raws: [raw(outcomes.refused)] },
      ['record', 'raws-dropped'],
      { record: { refusal: { kind: 'suspected' } } },
    ],
    [
      'an intent and an answer that nobody understands',
      { record: intended(), raws: [raw(outcomes['in-doubt'])] },
      ['record'],
      { record: { current: { doubt: { attempts: 1 } } } },
    ],
    [
      'an intent and the answer to another attempt',
      { record: intended(), raws: [raw(outcomes.refused, attempt({ id: 'x' }))] },
      ['record'],
      { record: { current: { doubt: { attempts: 1 } } } },
    ],
    [
      'in a doubt, an answer that this version can read',
      { record: doubted, raws: [raw(granted())] },
      grantSteps,
      {},
    ],
    [
      'in a doubt, an answer of an earlier generation',
      { record: doubted, raws: [raw(granted(), attempt({ generation: 2 }))] },
      ['preparing'],
      {},
    ],
    ['no doubt, and an answer left over', { raws: [raw(granted())] }, ['waiting'], {}],

    [
      'a candidate and an intent',
      withCandidate,
      ['record'],
      { record: { candidate: { doubt: { attempts: 1 } } } },
    ],
    [
      'a candidate and a grant',
      { ...withCandidate, raws: [raw(granted(), candidateAttempt('handed over'))] },
      candidateSteps,
      {},
    ],
    [
      'a candidate in doubt, and a grant to an earlier one',
      {
        candidate: stored('handed over', 4),
        record: record({ candidate: candidateFacts('handed over', { doubt: doubt() }) }),
        raws: [raw(granted(), candidateAttempt('earlier'))],
      },
      ['preparing'],
      {},
    ],
    [
      'a candidate that waits',
      { candidate: stored('handed over', 4) },
      ['preparing'],
      { candidate: held('handed over', 4) },
    ],
    [
      'a settled candidate',
      {
        candidate: stored('handed over', 4),
        record: record({ candidate: candidateFacts('handed over', { settled: true }) }),
      },
      ['waiting'],
      {},
    ],
  ];

  it.each(rows)('%s', (_what, view, steps, expected) => {
    const result = opened(view);
    expect(first(result)).toEqual(steps);
    expect(result.state).toMatchObject({ opened: true, blocked: null, ...expected });
  });

  it('the last of several answers that can be read', () => {
    const raws = [raw(granted('first'), attempt({ id: '1' })), raw(granted('second'), attempt({ id: '2' }))];
    const { phase } = opened({ record: doubted, raws }).state;
    expect(phase.name === 'saving' && phase.steps[0]).toMatchObject({ secret: held('second', 4) });
  });

  it('its own token beside a grant, and does not count it twice', () => {
    const session = token({ sequence: 4, fingerprint: credential('new token').fingerprint });
    const { phase } = opened({ record: intended(), current: newer, session, raws: [raw(granted())] }).state;
    expect(phase.name === 'saving' && phase.steps[1]).toEqual({ save: 'session', token: session });
  });

  it('an intent of a product that does not rotate: no doubt', () => {
    const result = opened({ record: intended() }, { settings: { ...settings, rotates: false } });
    expect(result.state.record).toMatchObject({ intent: null, current: { doubt: null } });
  });
});
