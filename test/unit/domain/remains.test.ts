import { describe, expect, it } from 'vitest';
import { recordFacts, secretFactIn, type ReadState } from '../../../src/domain/remains.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { attempt, candidateFacts, doubt, minute, now, record, refusal, token } from './fixtures.ts';

function read(over: Partial<ReadState> = {}): ReadState {
  return { record: record(), session: token(), candidateStored: false, ...over };
}

describe('the secret that is left', () => {
  const settled = candidateFacts('next', { settled: true });
  const doubted = { doubt: doubt(), uncertain: false };

  it.each([
    ['held', read(), 'held'],
    ['nothing stored', read({ record: null, session: null }), 'absent'],
    ['a first hand-over', read({ record: record({ generation: 0 }), candidateStored: true }), 'pending'],
    [
      'a hand-over over a refusal',
      read({ record: record({ refusal: refusal('lost') }), candidateStored: true }),
      'pending',
    ],
    [
      'a candidate that has its verdict',
      read({ record: record({ candidate: settled }), candidateStored: true }),
      'held',
    ],
    ['refused', read({ record: record({ refusal: refusal('refused') }) }), 'refused'],
    ['lost', read({ record: record({ refusal: refusal('lost') }) }), 'lost'],
    ['only suspected', read({ record: record({ refusal: refusal('suspected') }) }), 'held'],
    ['in doubt', read({ record: record({ current: doubted }) }), 'in_doubt'],
    ['an attempt that something interrupted', read({ record: record({ intent: attempt() }) }), 'in_doubt'],
    ['no generation yet', read({ record: record({ generation: 0 }) }), 'absent'],
  ] as const)('%s', (_what, state, fact) => {
    expect(secretFactIn(state)).toBe(fact);
  });
});

describe('the token that is left', () => {
  it.each([
    ['valid', read(), { status: 'valid', sequence: 3, expires_in: 1740, expires_at: '2026-01-01T12:29:00Z' }],
    [
      'expired',
      read({ session: token({ sentAt: addMs(now, -31 * minute) }) }),
      { status: 'expired', expires_in: 0, expires_at: '2026-01-01T11:59:00Z' },
    ],
    ['rejected', read({ record: record({ rejectedSequence: 3 }) }), { status: 'rejected' }],
    ['none', read({ session: null }), { status: 'none', sequence: 3, expires_at: null }],
    [
      'nothing at all',
      read({ record: null, session: null }),
      { status: 'none', sequence: 0, fingerprint: null },
    ],
  ] as const)('%s', (_what, state, expected) => {
    expect(recordFacts(state, now).token).toMatchObject(expected);
  });

  it('comes with the last exchange, and with one that is open', () => {
    const last = { at: addMs(now, -minute), outcome: 'granted', code: null };
    const facts = recordFacts(read({ record: record({ lastExchange: last, intent: attempt() }) }), now);
    expect(facts).toMatchObject({
      last_exchange: { at: '2026-01-01T11:59:00Z', outcome: 'granted', code: null },
      open_attempt: true,
    });
    expect(recordFacts(read(), now)).toMatchObject({ last_exchange: null, open_attempt: false });
  });
});
