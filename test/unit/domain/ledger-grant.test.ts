import { describe, expect, it } from 'vitest';
import type { Attempt, JournalRecord } from '../../../src/domain/journal-entry.ts';
import { afterAdoption, afterGrant } from '../../../src/domain/ledger.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
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
const grant = {
  spent: credential('current'),
  next: credential('next'),
  rotates: true,
  rejections: null,
  identity: 'host:two',
  origin: 'https://new.example.com',
};
const doubted = { doubt: doubt(), uncertain: false };
const settled = (text: string) => candidateFacts(text, { settled: true });

describe('a grant', () => {
  const rows: readonly (readonly [
    what: string,
    before: Partial<JournalRecord>,
    of: Attempt,
    over: object,
    after: object,
  ])[] = [
    [
      'to the current secret: one generation on, the spent one is the previous',
      { intent: attempt(), candidate: settled('earlier') },
      attempt(),
      {},
      {
        generation: 4,
        sequence: 4,
        intent: null,
        current: { doubt: null, uncertain: false },
        previous: previous('current', { generation: 3 }),
        candidate: settled('earlier'),
        kept: held('next', 4),
        identity: 'host:one',
        lastExchange: { at: later, outcome: 'granted', code: null },
      },
    ],
    [
      'in answer to a replay: the new secret and the spent one carry it on',
      { current: doubted },
      attempt(),
      {},
      {
        current: { doubt: null, uncertain: true },
        previous: previous('current', { generation: 3, doubted: true }),
      },
    ],
    [
      'to the previous secret ends the refusal',
      { refusal: refusal('suspected') },
      attempt({ slot: 'previous' }),
      { spent: credential('previous') },
      { generation: 4, refusal: null, previous: previous('previous', { generation: 3 }) },
    ],
    [
      'to a candidate starts a lineage: its place is here and now, it is settled itself, everything before is over',
      { refusal: refusal('lost'), current: doubted, candidate: candidateFacts('handed over') },
      candidateAttempt('handed over'),
      { spent: credential('handed over') },
      {
        generation: 4,
        refusal: null,
        current: { doubt: null, uncertain: false },
        previous: previous('handed over', { generation: 3 }),
        candidate: settled('handed over'),
        identity: 'host:two',
        origin: 'https://new.example.com',
      },
    ],
    [
      'to a candidate after a doubt of its own',
      { candidate: candidateFacts('handed over', { doubt: doubt() }) },
      candidateAttempt('handed over'),
      { spent: credential('handed over') },
      {
        current: { doubt: null, uncertain: true },
        previous: previous('handed over', { generation: 3, doubted: true }),
      },
    ],
    [
      'whose spent secret nobody has any more: no previous one',
      {},
      attempt(),
      { spent: null },
      { generation: 4, previous: null, kept: held('next', 4) },
    ],
    [
      'of a product that does not rotate: the same generation, no previous one, a new token',
      { previous: null },
      attempt(),
      { rotates: false, next: credential('current') },
      { generation: 3, sequence: 4, previous: null, kept: held('current', 3) },
    ],
    [
      'to a candidate of a product that does not rotate: one generation on',
      { previous: null, candidate: candidateFacts('handed over') },
      candidateAttempt('handed over'),
      { rotates: false, spent: credential('handed over'), next: credential('handed over') },
      {
        generation: 4,
        previous: null,
        kept: held('handed over', 4),
        current: { doubt: null, uncertain: false },
      },
    ],
  ];

  it.each(rows)('%s', (_what, before, of, over, after) => {
    expect(afterGrant(record(before), of, { ...grant, ...over }, later)).toMatchObject(after);
  });
});

describe('a store that is ahead', () => {
  const found = held('next', 4);

  it.each([
    [
      'the spent secret is the kept one',
      { intent: attempt() },
      { previous: previous('current', { generation: 3 }) },
    ],
    [
      'of a replay',
      { intent: attempt(), current: doubted },
      {
        previous: previous('current', { generation: 3, doubted: true }),
        current: { doubt: null, uncertain: true },
      },
    ],
    [
      'a candidate is settled',
      { intent: candidateAttempt('x') },
      { previous: null, candidate: settled('x') },
    ],
    [
      'nobody knows from where',
      { intent: null, refusal: refusal('lost') },
      { previous: null, refusal: null },
    ],
    ['the journal kept an older one', { intent: attempt(), kept: held('old', 2) }, { previous: null }],
  ])('is followed: %s', (_what, before, after) => {
    const adopted = afterAdoption(record(before), found, 0);
    expect(adopted).toMatchObject({ generation: 4, sequence: 4, intent: null, kept: found, ...after });
  });

  it('does not give the number of a token away twice', () => {
    expect(afterAdoption(record({ sequence: 3 }), found, 4).sequence).toBe(4);
  });
});
