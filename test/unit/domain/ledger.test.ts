import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../src/domain/journal-entry.ts';
import {
  afterDoubt,
  afterUnjudged,
  codeOf,
  doubtOf,
  firstRecord,
  withCandidate,
  withIntent,
} from '../../../src/domain/ledger.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  candidateAttempt,
  candidateFacts,
  doubt,
  granted,
  now,
  outcomes,
  previous,
  record,
  refusal,
} from './fixtures.ts';

const later = addMs(now, 5_000);
const doubted = { doubt: doubt(), uncertain: false };
const settled = (text: string) => candidateFacts(text, { settled: true });

describe('the first record', () => {
  it('knows its place and nothing else', () => {
    const first = firstRecord('state-1', 'host:one', 'https://a.example.com', { level: 6, at: now });
    expect(first).toMatchObject({
      stateId: 'state-1',
      identity: 'host:one',
      origin: 'https://a.example.com',
    });
    expect(first).toMatchObject({ generation: 0, sequence: 0, intent: null, kept: null, refusal: null });
  });
});

/** What is known of a secret that is handed over while this is known of a candidate. */
function again(candidate: JournalRecord['candidate']): JournalRecord['candidate'] {
  return withCandidate(record({ candidate }), credential('same'), { level: 6, at: later }).candidate;
}

describe('a hand-over', () => {
  it('forgets what was known of an earlier candidate and fills the bucket', () => {
    const before = record({ candidate: settled('earlier'), bucket: { level: 0, at: now } });
    const after = withCandidate(before, credential('new'), { level: 6, at: later });
    expect(after).toEqual({ ...before, candidate: candidateFacts('new'), bucket: { level: 6, at: later } });
  });

  it('of the same secret once more sends a refused one again, and forgets no doubt', () => {
    expect(again(settled('same'))).toEqual(candidateFacts('same'));
    expect(again(candidateFacts('same', { doubt: doubt() }))).toEqual(
      candidateFacts('same', { doubt: doubt() }),
    );
  });
});

describe('an intent', () => {
  it('comes with the bucket that was drawn from, and changes nothing else', () => {
    const after = withIntent(record(), attempt(), { level: 5, at: later });
    expect(after).toEqual({ ...record(), intent: attempt(), bucket: { level: 5, at: later } });
  });
});

describe('the doubt of a secret', () => {
  const all = record({
    current: { doubt: doubt({ attempts: 1 }), uncertain: false },
    previous: previous('previous', { doubt: doubt({ attempts: 2 }) }),
    candidate: candidateFacts('handed over', { doubt: doubt({ attempts: 3 }) }),
  });

  it.each([
    ['current', attempt(), 1],
    ['previous', attempt({ slot: 'previous' }), 2],
    ['candidate', candidateAttempt('handed over'), 3],
    ['another candidate', candidateAttempt('another'), undefined],
  ] as const)('%s', (_what, of, attempts) => {
    expect(doubtOf(all, of)?.attempts).toBe(attempts);
  });
});

describe('an attempt of which nobody knows how it ended', () => {
  it('is a doubt from the moment it was sent until its deadline', () => {
    const after = afterDoubt(record({ intent: attempt() }), attempt(), later);
    expect(after.intent).toBeNull();
    expect(after.current.doubt).toEqual({ attempts: 1, since: now, overAt: addMs(now, 15_000) });
    expect(after.lastExchange).toEqual({ at: later, outcome: 'in-doubt', code: 'IN_DOUBT' });
  });

  it('adds to the doubt that stands', () => {
    const before = record({ current: doubted });
    const doubtAfter = afterDoubt(before, attempt(), later).current.doubt;
    expect(doubtAfter).toEqual({ attempts: 2, since: doubt().since, overAt: addMs(now, 15_000) });
  });

  it('never ends before an earlier one', () => {
    const far = addMs(now, 60_000);
    const before = record({ current: { doubt: doubt({ overAt: far }), uncertain: false } });
    expect(afterDoubt(before, attempt(), later).current.doubt?.overAt).toEqual(far);
  });

  it.each([
    ['current', attempt(), (after: JournalRecord) => after.current.doubt],
    ['previous', attempt({ slot: 'previous' }), (after: JournalRecord) => after.previous?.doubt],
    ['candidate', candidateAttempt('x'), (after: JournalRecord) => after.candidate?.doubt],
  ])('stands for the secret that was sent: %s', (_what, of, at) => {
    const after = afterDoubt(record(), of, later);
    expect(at(after)?.attempts).toBe(1);
    const doubts = [after.current.doubt, after.previous?.doubt, after.candidate?.doubt];
    expect(doubts.filter((each) => each != null)).toHaveLength(1);
  });

  it.each([
    ['refused', attempt(), { kind: 'lost', lastTryAt: later, tries: 2 }],
    ['lost', attempt(), { kind: 'lost', lastTryAt: later, tries: 2 }],
    ['suspected', attempt({ slot: 'previous' }), { kind: 'suspected', lastTryAt: now, tries: 1 }],
    ['refused', candidateAttempt('x'), { kind: 'refused', lastTryAt: now, tries: 1 }],
    ['refused', candidateAttempt('current'), { kind: 'lost', lastTryAt: now, tries: 1 }],
    ['refused', candidateAttempt('previous'), { kind: 'lost', lastTryAt: now, tries: 1 }],
  ] as const)('after %s: never "revoked" any more, and the pace counts it', (kind, of, after) => {
    expect(afterDoubt(record({ refusal: refusal(kind) }), of, later).refusal).toMatchObject(after);
  });
});

describe('a doubt about a candidate', () => {
  it.each([
    ['current', { current: true, previous: false }],
    ['previous', { current: false, previous: true }],
    ['another one', { current: false, previous: false }],
  ])('is one about the %s too, where it is the same secret', (text, uncertain) => {
    const { current, previous: before } = afterDoubt(record(), candidateAttempt(text), later);
    expect({ current: current.uncertain, previous: before?.doubted }).toEqual(uncertain);
    expect([current.doubt, before?.doubt]).toEqual([null, null]);
  });
});

describe('an attempt that was not judged', () => {
  it.each([
    ['misconfigured', 'SERVER_MISCONFIGURED'],
    ['rate-limited', 'SERVER_RATE_LIMITED'],
    ['server-trouble', 'SERVER_TROUBLE'],
    ['not-sent', 'INTERNAL'],
  ] as const)('%s closes the intent and leaves the doubt', (kind, code) => {
    const before = record({ intent: attempt(), current: doubted });
    const after = afterUnjudged(before, attempt(), outcomes[kind], later);
    expect(after).toEqual({ ...before, intent: null, lastExchange: { at: later, outcome: kind, code } });
  });

  it('counts for the pace after a refusal', () => {
    const before = record({ refusal: refusal('refused') });
    const after = afterUnjudged(before, attempt(), outcomes.misconfigured, later);
    expect(after.refusal).toMatchObject({ kind: 'refused', lastTryAt: later });
    const candidate = afterUnjudged(before, candidateAttempt('x'), outcomes.misconfigured, later);
    expect(candidate.refusal).toEqual(before.refusal);
  });
});

describe('the code of an outcome', () => {
  it.each([
    [granted(), null],
    [outcomes.refused, 'SERVER_REFUSED'],
    [outcomes['in-doubt'], 'IN_DOUBT'],
    [outcomes['not-sent'], 'INTERNAL'],
  ])('%o', (outcome, code) => {
    expect(codeOf(outcome)).toBe(code);
  });
});
