import { describe, expect, it } from 'vitest';
import type { Attempt, JournalRecord } from '../../../src/domain/journal-entry.ts';
import {
  afterCandidateRefused,
  afterOnlySecretRefused,
  afterRefusal,
  refusalCode,
} from '../../../src/domain/ledger-refusals.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import {
  attempt,
  candidateAttempt,
  candidateFacts,
  doubt,
  held,
  now,
  previous,
  record,
  refusal,
} from './fixtures.ts';

const later = addMs(now, 5_000);
const doubted = { doubt: doubt(), uncertain: false };
const ofPrevious = attempt({ slot: 'previous' });
const doubtedPrevious = previous('previous', { doubt: doubt() });
const replayedPrevious = previous('previous', { doubted: true });

describe('a refusal', () => {
  const rows: readonly (readonly [string, Partial<JournalRecord>, Attempt, boolean, string])[] = [
    ['of a good record: the previous secret is to be tried', {}, attempt(), true, 'suspected'],
    ['without a previous secret is proven', { previous: null }, attempt(), true, 'refused'],
    ['is proven where the previous one may not be tried (halt)', {}, attempt(), false, 'refused'],
    ['of the previous secret too is proven', { refusal: refusal('suspected') }, ofPrevious, true, 'refused'],
    ['after a doubt: lost', { current: doubted }, attempt(), true, 'lost'],
    [
      'of a secret that came from a replay: lost',
      { current: { doubt: null, uncertain: true } },
      attempt(),
      true,
      'lost',
    ],
    [
      'of a previous one whose answer was lost: lost',
      { refusal: refusal('suspected'), previous: doubtedPrevious },
      ofPrevious,
      true,
      'lost',
    ],
    [
      'of a previous one that was replayed once: lost',
      { refusal: refusal('suspected'), previous: replayedPrevious },
      ofPrevious,
      true,
      'lost',
    ],
    ['stays lost', { refusal: refusal('lost') }, attempt(), true, 'lost'],
    ['stays lost, whichever secret is tried', { refusal: refusal('lost') }, ofPrevious, true, 'lost'],
    ['stays refused', { refusal: refusal('refused') }, attempt(), true, 'refused'],
    [
      'is lost once the previous one got into doubt',
      { refusal: refusal('refused'), previous: doubtedPrevious },
      ofPrevious,
      true,
      'lost',
    ],
  ];

  it.each(rows)('%s', (_what, before, of, mayTryPrevious, kind) => {
    const after = afterRefusal(record({ intent: of, ...before }), of, mayTryPrevious, 'why', later);
    expect(after.refusal).toMatchObject({ kind, lastTryAt: later, detail: 'why' });
    expect(after.intent).toBeNull();
    expect(after.kept).toEqual(record().kept);
    const codes = { suspected: 'SERVER_REFUSED', refused: 'SECRET_REVOKED', lost: 'SECRET_LOST_IN_FLIGHT' };
    expect(after.lastExchange).toEqual({
      at: later,
      outcome: 'refused',
      code: codes[kind as keyof typeof codes],
    });
  });

  it('stands since the first no, and counts the tries after the proof', () => {
    const first = afterRefusal(record(), attempt(), true, 'one', now);
    const second = afterRefusal(first, ofPrevious, true, 'two', later);
    expect(second.refusal).toEqual({
      kind: 'refused',
      since: now,
      lastTryAt: later,
      tries: 1,
      detail: 'two',
    });
    const third = afterRefusal(second, attempt(), true, 'three', addMs(later, 1));
    expect(third.refusal).toMatchObject({ since: now, tries: 2, detail: 'three' });
  });
});

describe('a refused candidate', () => {
  it('beside a current secret is settled, and the facts of the current one stand', () => {
    const facts = { current: doubted, refusal: refusal('lost') };
    const before = record({ ...facts, candidate: candidateFacts('x', { doubt: doubt() }) });
    const after = afterCandidateRefused(before, candidateAttempt('x'), later);
    expect(after).toMatchObject({
      ...facts,
      generation: 3,
      candidate: candidateFacts('x', { settled: true }),
    });
    expect(after.lastExchange?.code).toBe('HANDOVER_REFUSED');
  });

  it.each([
    ['becomes the current one, refused', null, 'refused', 'SECRET_REVOKED'],
    ['or lost, after a doubt', doubt(), 'lost', 'SECRET_LOST_IN_FLIGHT'],
  ] as const)('without a current secret %s', (_what, standing, kind, code) => {
    const first = record({ generation: 0, kept: null, previous: null });
    const before = { ...first, candidate: candidateFacts('x', { doubt: standing }) };
    const place = { identity: 'host:two', origin: 'https://new.example.com' };
    const after = afterOnlySecretRefused(before, held('x', 1), place, 'why', later);
    expect(after).toMatchObject({
      ...place,
      generation: 1,
      kept: held('x', 1),
      candidate: candidateFacts('x', { settled: true }),
      refusal: { kind, since: later, lastTryAt: later, tries: 1, detail: 'why' },
      lastExchange: { code },
    });
  });

  it('is not called lost because of the doubt about another one', () => {
    const before = record({ candidate: candidateFacts('another', { doubt: doubt() }) });
    const place = { identity: 'host:one', origin: 'https://a.example.com' };
    expect(afterOnlySecretRefused(before, held('x', 4), place, 'why', later).refusal?.kind).toBe('refused');
  });
});

describe('the code of a refusal', () => {
  it.each([
    ['refused', 'SECRET_REVOKED'],
    ['lost', 'SECRET_LOST_IN_FLIGHT'],
  ] as const)('%s → %s', (kind, code) => {
    expect(refusalCode(kind)).toBe(code);
  });
});
