import { describe, expect, it } from 'vitest';
import { backoffCapMs, backoffMs, untilMs, untilRefreshMs } from '../../../src/domain/schedule.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { minute, now, token } from './fixtures.ts';

const window = { at: 0.75, jitter: 0.1 };
const longestTtlMs = 15_552_000_000;

describe('the planned refresh', () => {
  it.each([
    ['at three quarters of the life', 30 * minute, 0.5, 0, 22.5 * minute],
    ['a tenth earlier for the lowest draw', 30 * minute, 0, 0, 19.5 * minute],
    ['a tenth later for the highest', 30 * minute, 1, 0, 25.5 * minute],
    ['what is left of the wait', 30 * minute, 0.5, 20 * minute, 2.5 * minute],
    ['at once when it is past', 30 * minute, 0.5, 23 * minute, 0],
    ['at once when the token has ended', 30 * minute, 0.5, 60 * minute, 0],
    ['of a token of 180 days', longestTtlMs, 0.5, 0, longestTtlMs * 0.75],
  ] as const)('%s', (_what, ttlMs, jitterDraw, afterMs, expected) => {
    const held = token({ ttlMs, jitterDraw, sentAt: now });
    expect(untilRefreshMs(held, window, addMs(now, afterMs))).toBe(expected);
  });

  it('spreads a fleet over a fifth of the life, evenly', () => {
    const random = new SeededRandom(7);
    const waits = Array.from({ length: 10_000 }, () =>
      untilRefreshMs(token({ sentAt: now, jitterDraw: random.fraction() }), window, now),
    );
    const ttl = token().ttlMs;
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(0.199 * ttl);
    const fifths = [0, 0, 0, 0, 0];
    for (const wait of waits) {
      const fifth = Math.floor(((wait / ttl - 0.65) / 0.2) * 5);
      fifths[fifth] = (fifths[fifth] ?? 0) + 1;
    }
    for (const share of fifths) expect(share).toBeGreaterThan(1_800);
  });

  it.each([
    ['the lowest draw', 0.1, 0, 0.25],
    ['half', 0.1, 0.5, 0.55],
    ['the highest', 0.1, 1, 0.85],
    ['a jitter of its own', 0.05, 0, 0.5],
    ['a jitter so wide that a third of the way is the least', 0.2, 0, 0.25],
    ['no jitter', 0, 0, 0.75],
  ] as const)('comes earlier after trouble, in three times the range: %s', (_what, jitter, draw, share) => {
    const held = token({ sentAt: now, jitterDraw: draw, afterTrouble: true });
    expect(untilRefreshMs(held, { at: 0.75, jitter }, now)).toBeCloseTo(share * held.ttlMs, -1);
  });

  it('always comes before the end', () => {
    for (const jitterDraw of [0, 0.5, 1 - 2 ** -32]) {
      expect(untilRefreshMs(token({ sentAt: now, ttlMs: minute, jitterDraw }), window, now)).toBeLessThan(
        minute,
      );
    }
  });
});

describe('backoff', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [8, 128_000],
    [9, 180_000],
    [1_000, 180_000],
  ])('after %d failures is drawn below %d ms', (failures, ceiling) => {
    const cap = backoffCapMs(30 * minute);
    expect(backoffMs(failures, cap, 0)).toBe(0);
    expect(backoffMs(failures, cap, 0.5)).toBe(ceiling / 2);
    expect(backoffMs(failures, cap, 1 - 2 ** -32)).toBe(ceiling - 1);
  });

  it('is drawn from a wider range where the server asked for patience, within the cap', () => {
    const cap = backoffCapMs(30 * minute);
    expect(backoffMs(1, cap, 0.5, minute)).toBe(minute / 2);
    expect(backoffMs(8, cap, 0.5, minute)).toBe(64_000);
    expect(backoffMs(1, cap, 0.5, 60 * minute)).toBe(90_000);
  });

  it.each([
    ['a tenth of the life', 30 * minute, 3 * minute],
    ['10 s for the shortest', minute, 10_000],
    ['5 minutes for the longest', longestTtlMs, 5 * minute],
  ])('is capped: %s', (_what, ttlMs, expected) => {
    expect(backoffCapMs(ttlMs)).toBe(expected);
  });
});

describe('the time until a moment', () => {
  it.each([
    ['in this boot, on the boot clock', { ...now, wallMs: 0 }, 5_000],
    ['passed', addMs(now, 60_000), 0],
    ['after a reboot, on the wall clock', { bootId: 'boot-2', bootMs: 1, wallMs: now.wallMs + 4_000 }, 1_000],
    ['passed while the host was off', { bootId: 'boot-2', bootMs: 1, wallMs: now.wallMs + 60_000 }, 0],
  ])('%s', (_what, at, expected) => {
    expect(untilMs(addMs(now, 5_000), at)).toBe(expected);
  });
});
