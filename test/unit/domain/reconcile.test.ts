import { describe, expect, it } from 'vitest';
import type { StoredView, StoreView } from '../../../src/domain/agent-event.ts';
import { compareStore } from '../../../src/domain/reconcile.ts';
import { held, record, settings, stored } from './fixtures.ts';

const here = { identity: 'host:one', origin: settings.origin };
const elsewhere = 'https://other.example.com';

/** What the store's current slot may hold, seen from a journal of generation 3. */
const slots: Readonly<Record<string, StoredView | null | 'unreadable'>> = {
  absent: null,
  'two older': stored('older', 1),
  older: stored('previous', 2),
  same: stored('current', 3),
  'other fingerprint': stored('another', 3),
  newer: stored('newer', 4),
  'much newer': stored('newer', 9),
  'foreign owner': stored('current', 3, { owner: 'state-2' }),
  unreadable: 'unreadable',
};

const kept = held('current', 3);

describe('a store beside a journal that has the newest secret', () => {
  it.each([
    ['absent', { kind: 'recommit', secret: kept }],
    ['two older', { kind: 'recommit', secret: kept }],
    ['older', { kind: 'recommit', secret: kept }],
    ['same', { kind: 'agree', current: kept }],
    ['other fingerprint', { kind: 'blocked', code: 'STATE_ROLLED_BACK' }],
    ['newer', { kind: 'adopt', secret: held('newer', 4) }],
    ['much newer', { kind: 'adopt', secret: held('newer', 9) }],
    ['foreign owner', { kind: 'blocked', code: 'STORE_MISMATCH', current: null }],
    ['unreadable', { kind: 'blocked', code: 'STATE_UNREADABLE', current: null }],
  ])('%s → %o', (slot, expected) => {
    const view: StoreView = { current: slots[slot] ?? null, candidate: null };
    expect(compareStore(record({ kept }), view, here)).toMatchObject({ ...expected, candidate: null });
  });
});

describe('a store beside a journal that has no secret to re-commit', () => {
  it.each([
    ['absent', { kind: 'blocked', code: 'STATE_ROLLED_BACK', current: null }],
    ['older', { kind: 'blocked', code: 'STATE_ROLLED_BACK', current: held('previous', 2) }],
    ['same', { kind: 'agree', current: held('current', 3) }],
    ['other fingerprint', { kind: 'agree', current: held('another', 3) }],
    ['newer', { kind: 'adopt', secret: held('newer', 4) }],
    ['foreign owner', { kind: 'blocked', code: 'STORE_MISMATCH' }],
    ['unreadable', { kind: 'blocked', code: 'STATE_UNREADABLE' }],
  ])('%s → %o', (slot, expected) => {
    const view: StoreView = { current: slots[slot] ?? null, candidate: null };
    expect(compareStore(record({ kept: null }), view, here)).toMatchObject(expected);
  });

  it('has an older secret kept of which no use is made', () => {
    const behind = record({ kept: held('previous', 2) });
    const verdict = compareStore(behind, { current: null, candidate: null }, here);
    expect(verdict).toMatchObject({ kind: 'blocked', code: 'STATE_ROLLED_BACK' });
  });
});

describe('a store without a journal', () => {
  it.each([
    ['nothing', { current: null, candidate: null }, { kind: 'agree', current: null, candidate: null }],
    ['a secret', { current: stored('x', 1), candidate: null }, { kind: 'blocked', code: 'STORE_MISMATCH' }],
    [
      'a candidate',
      { current: null, candidate: stored('x', 1) },
      { kind: 'blocked', code: 'STORE_MISMATCH' },
    ],
    ['damage', { current: 'unreadable', candidate: null }, { kind: 'blocked', code: 'STATE_UNREADABLE' }],
  ] as const)('%s', (_what, view, expected) => {
    expect(compareStore(null, view, here)).toMatchObject(expected);
  });
});

describe('another machine', () => {
  it.each(['absent', 'older', 'same', 'other fingerprint', 'newer'])(
    'is a clone, whatever the store holds: %s',
    (slot) => {
      const current = slots[slot] ?? null;
      const verdict = compareStore(record(), { current, candidate: null }, { ...here, identity: 'host:two' });
      expect(verdict).toMatchObject({ kind: 'blocked', code: 'STATE_CLONED' });
    },
  );

  it.each([
    ['foreign owner', 'STORE_MISMATCH'],
    ['unreadable', 'STATE_UNREADABLE'],
  ])('comes after %s, under which no secret is taken', (slot, code) => {
    const current = slots[slot] ?? null;
    const verdict = compareStore(record(), { current, candidate: null }, { ...here, identity: 'host:two' });
    expect(verdict).toMatchObject({ kind: 'blocked', code, current: null, candidate: null });
  });
});

describe('another server', () => {
  it.each(['older', 'same', 'newer'])('stops the secret, whatever the store holds: %s', (slot) => {
    const current = slots[slot] ?? null;
    const verdict = compareStore(record(), { current, candidate: null }, { ...here, origin: elsewhere });
    expect(verdict).toMatchObject({ kind: 'blocked', code: 'SERVER_CHANGED' });
  });

  it('leaves a candidate of its own free', () => {
    const candidate = stored('for the other', 4, { origin: elsewhere });
    const view: StoreView = { current: stored('current', 3), candidate };
    const verdict = compareStore(record(), view, { ...here, origin: elsewhere });
    expect(verdict).toMatchObject({ code: 'SERVER_CHANGED', candidate: held('for the other', 4) });
  });

  it('does not stop the secret any more when url names the first one again', () => {
    const candidate = stored('for the other', 4, { origin: elsewhere });
    const view: StoreView = { current: stored('current', 3), candidate };
    expect(compareStore(record(), view, here)).toEqual({ kind: 'agree', current: kept, candidate: null });
  });
});

describe('a candidate', () => {
  const candidate = stored('handed over', 4);
  const expected = held('handed over', 4);

  it.each([
    ['agree', stored('current', 3), here],
    ['recommit', stored('previous', 2), here],
    ['adopt', stored('newer', 4), here],
    ['blocked', stored('another', 3), here],
    ['blocked', stored('current', 3), { ...here, identity: 'host:two' }],
  ] as const)('is there beside %s', (kind, current, place) => {
    expect(compareStore(record(), { current, candidate }, place)).toMatchObject({
      kind,
      candidate: expected,
    });
  });

  it.each([
    ['that cannot be read blocks', 'unreadable', 'STATE_UNREADABLE'],
    ['of another state folder blocks', stored('x', 4, { owner: 'state-2' }), 'STORE_MISMATCH'],
  ] as const)('%s', (_what, bad, code) => {
    const verdict = compareStore(record(), { current: stored('current', 3), candidate: bad }, here);
    expect(verdict).toMatchObject({ kind: 'blocked', code, current: null, candidate: null });
  });

  it('before the first grant stands beside nothing', () => {
    const first = record({ generation: 0, kept: null, previous: null });
    const verdict = compareStore(first, { current: null, candidate: stored('handed over', 1) }, here);
    expect(verdict).toEqual({ kind: 'agree', current: null, candidate: held('handed over', 1) });
  });
});
