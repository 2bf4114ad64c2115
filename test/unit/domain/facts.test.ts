import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../../src/domain/agent-state.ts';
import { factsOf, haltedInDoubt, holdsUnsaved, labelOf } from '../../../src/domain/facts.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import type { AgentLabel, SecretFact, TokenFact } from '../../../src/domain/status.ts';
import {
  attempt,
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
  token,
  trouble,
} from './fixtures.ts';

const halt = { ...settings, inDoubt: 'halt' } as const;
const doubted = record({ current: { doubt: doubt(), uncertain: false } });
const lost = record({ refusal: refusal('lost') });
const refused = record({ refusal: refusal('refused') });
const candidate = held('handed over', 4);
const pending = (over: object = {}) => record({ candidate: candidateFacts('handed over'), ...over });
const suspected = (previousOver: object = {}) =>
  record({ refusal: refusal('suspected'), previous: previous('previous', previousOver) });

describe('what is said of the token', () => {
  it.each([
    ['none', { token: null }],
    ['valid', {}],
    ['expired', { token: token({ sentAt: addMs(now, -30 * minute) }) }],
    ['rejected', { record: record({ rejectedSequence: 3 }) }],
    [
      'rejected',
      { record: record({ rejectedSequence: 3 }), token: token({ sentAt: addMs(now, -31 * minute) }) },
    ],
  ] as const)('%s', (expected, over) => {
    expect(factsOf(state(over), now).token).toBe(expected);
  });
});

describe('what is said of the secret', () => {
  const rows: readonly (readonly [SecretFact, string, Partial<AgentState>])[] = [
    ['absent', 'no record', { record: null, current: null }],
    ['absent', 'a record and no secret', { current: null }],
    ['held', 'all is well', {}],
    ['held', 'suspected, for the moment until the previous one was tried', { record: suspected() }],
    ['in_doubt', 'an answer was lost', { record: doubted }],
    ['in_doubt', 'the previous one is in doubt', { record: suspected({ doubt: doubt() }) }],
    ['refused', 'the server said no', { record: refused }],
    [
      'lost',
      'an answer was lost, then the server said no',
      { record: { ...lost, current: doubted.current } },
    ],
    ['blocked', 'a person must decide', { blocked: trouble('STATE_CLONED') }],
    ['blocked', 'in doubt under halt', { record: doubted, settings: halt }],
    ['unreachable', 'the store is locked', { storeTrouble: trouble('STORE_LOCKED') }],
    [
      'unreachable',
      'the store is locked from the start',
      { storeTrouble: trouble('STORE_LOCKED'), opened: false, record: null, current: null },
    ],
    ['memory_only', 'not saved', { unsaved: trouble('SECRET_NOT_PERSISTED') }],
    ['pending', 'a candidate waits', { candidate, record: pending() }],

    ['pending', 'a candidate outranks refused', { candidate, record: pending({ refusal: refused.refusal }) }],
    ['pending', 'a candidate outranks lost', { candidate, record: pending({ refusal: lost.refusal }) }],
    [
      'pending',
      'a candidate outranks blocked',
      { candidate, record: pending(), blocked: trouble('STATE_CLONED') },
    ],
    [
      'pending',
      'a candidate outranks a doubt under halt',
      { candidate, record: pending({ current: doubted.current }), settings: halt },
    ],
    [
      'pending',
      'a candidate in doubt',
      { candidate, record: record({ candidate: candidateFacts('handed over', { doubt: doubt() }) }) },
    ],
    [
      'blocked',
      'a candidate in doubt under halt',
      {
        candidate,
        record: record({ candidate: candidateFacts('handed over', { doubt: doubt() }) }),
        settings: halt,
      },
    ],
    [
      'held',
      'a settled candidate counts for nothing',
      { candidate, record: record({ candidate: candidateFacts('handed over', { settled: true }) }) },
    ],
    [
      'memory_only',
      'not saved outranks a candidate',
      { candidate, record: pending(), unsaved: trouble('SECRET_NOT_PERSISTED') },
    ],
    ['lost', 'lost outranks blocked', { record: lost, blocked: trouble('STATE_CLONED') }],
    [
      'refused',
      'refused outranks an unreachable store',
      { record: refused, storeTrouble: trouble('STORE_HUNG') },
    ],
    [
      'blocked',
      'blocked outranks an unreachable store',
      { blocked: trouble('STATE_CLONED'), storeTrouble: trouble('STORE_HUNG') },
    ],
    [
      'unreachable',
      'an unreachable store outranks a doubt',
      { record: doubted, storeTrouble: trouble('STORE_HUNG') },
    ],
  ];

  it.each(rows)('%s: %s', (expected, _what, over) => {
    expect(factsOf(state(over), now).secret).toBe(expected);
  });
});

describe('the other facts', () => {
  it.each([
    ['a holder', {}, { holder: true, refreshFailing: false }],
    ['a standby', { heldElsewhere: { holderPid: 7 } }, { holder: false }],
    ['a refresh that fails', { refreshTrouble: trouble('SERVER_UNREACHABLE') }, { refreshFailing: true }],
    ['a store that fails', { storeTrouble: trouble('STORE_LOCKED') }, { refreshFailing: true }],
  ] as const)('%s', (_what, over, expected) => {
    expect(factsOf(state(over), now)).toMatchObject(expected);
  });
});

const tokens: readonly TokenFact[] = ['none', 'valid', 'expired', 'rejected'];

/** For a holder whose refresh does not fail: the label for each token (none, valid, expired, rejected). */
const labels: Readonly<Record<SecretFact, readonly [AgentLabel, AgentLabel, AgentLabel, AgentLabel]>> = {
  lost: ['lost', 'lost', 'lost', 'lost'],
  refused: ['revoked', 'revoked', 'revoked', 'revoked'],
  blocked: ['blocked', 'blocked', 'blocked', 'blocked'],
  absent: ['unprovisioned', 'unprovisioned', 'unprovisioned', 'unprovisioned'],
  held: ['acquiring', 'active', 'expired', 'expired'],
  pending: ['acquiring', 'degraded', 'expired', 'expired'],
  in_doubt: ['acquiring', 'degraded', 'expired', 'expired'],
  memory_only: ['acquiring', 'degraded', 'expired', 'expired'],
  unreachable: ['acquiring', 'degraded', 'expired', 'expired'],
};

describe('the label', () => {
  const rows = Object.entries(labels).flatMap(([secret, row]) =>
    tokens.map((fact, index) => [secret as SecretFact, fact, row[index]] as const),
  );

  it.each(rows)('secret %s, token %s → %s', (secret, fact, expected) => {
    const facts = { secret, token: fact, holder: true, refreshFailing: false };
    expect(labelOf(facts)).toBe(expected);
    expect(labelOf({ ...facts, holder: false })).toBe('standby');
    expect(labelOf({ ...facts, refreshFailing: true })).toBe(expected === 'active' ? 'degraded' : expected);
  });
});

describe('a doubt that is left to a person', () => {
  it.each([
    ['under halt', { record: doubted, settings: halt }, true],
    ['not under replay_once', { record: doubted }, false],
    ['not without a doubt', { settings: halt }, false],
    ['not without a record', { record: null, settings: halt }, false],
  ] as const)('%s', (_what, over, expected) => {
    expect(haltedInDoubt(state(over))).toBe(expected);
  });
});

const saving = (kind: 'grant' | 'outcome') => ({
  name: 'saving' as const,
  steps: [],
  retryAt: null,
  purpose: kind === 'grant' ? ({ kind, slot: 'current' } as const) : ({ kind } as const),
});

describe('whether something received is in memory only', () => {
  it.each([
    ['at rest', {}, false],
    ['while the request is under way', { phase: { name: 'exchanging', attempt: attempt() } }, false],
    [
      'while its answer is read',
      { phase: { name: 'interpreting', attempt: attempt(), answeredAt: now } },
      true,
    ],
    ['while a grant is saved for the first time', { phase: saving('grant') }, true],
    ['while another outcome is saved', { phase: saving('outcome') }, false],
    ['when a grant could not be saved', { unsaved: trouble('SECRET_NOT_PERSISTED') }, true],
  ] as const)('%s: %o', (_what, over, expected) => {
    expect(holdsUnsaved(state(over))).toBe(expected);
  });
});
