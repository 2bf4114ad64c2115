import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { elapsedMs, type Stamp } from '../../src/domain/stamp.ts';
import { inThisBoot } from '../../src/journal/foreign-stamps.ts';

const now: Stamp = { bootId: 'here', bootMs: 1_000_000, wallMs: 50_000_000 };
const agoMs = 90_000;

describe('a stamp that another host wrote', () => {
  const theirs: Stamp = { bootId: 'there', bootMs: 7, wallMs: now.wallMs - agoMs };

  it('was as long ago as the wall clocks say, however long this host is up', () => {
    expect(elapsedMs(theirs, now), 'taken as one of an earlier boot here').toBe(now.bootMs);
    expect(elapsedMs(inThisBoot(theirs, now), now)).toBe(agoMs);
  });

  it('goes on by the boot clock, whatever somebody does to the wall clock', () => {
    const later = { ...now, bootMs: now.bootMs + 5_000, wallMs: now.wallMs + 3_600_000 };
    expect(elapsedMs(inThisBoot(theirs, now), later)).toBe(agoMs + 5_000);
  });

  it('may be before the boot, or ahead of this clock', () => {
    const old = { ...theirs, wallMs: now.wallMs - 2 * now.bootMs };
    expect(elapsedMs(inThisBoot(old, now), now)).toBe(2 * now.bootMs);
    expect(elapsedMs(inThisBoot({ ...theirs, wallMs: now.wallMs + 1_000 }, now), now)).toBe(0);
  });
});

it('finds every stamp in a value, and leaves all else as it is', () => {
  const own = { ...now, bootMs: 1 };
  const text = new Secret('a secret');
  const body = new Uint8Array([1, 2]);
  const value = {
    list: [{ at: own }],
    text,
    body,
    none: null,
    deep: { at: { ...now, bootId: 'there', bootMs: 3 } },
  };
  const converted = inThisBoot(value, now);
  expect(converted).toEqual({ ...value, deep: { at: now } });
  expect(converted.text).toBe(text);
  expect(converted.body).toBe(body);
});
