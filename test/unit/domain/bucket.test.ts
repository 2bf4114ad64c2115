import { describe, expect, it } from 'vitest';
import { draw, fullBucket, levelAt, untilDrawMs } from '../../../src/domain/bucket.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { now } from './fixtures.ts';

describe('the bucket of exchanges', () => {
  it.each([
    ['full from the start', 6, 0, 6, 0],
    ['never more than full', 6, 3_600_000, 6, 0],
    ['empty', 0, 0, 0, 10_000],
    ['half way to one', 0, 5_000, 0.5, 5_000],
    ['one again', 0, 10_000, 1, 0],
    ['full after a minute', 0, 60_000, 6, 0],
  ] as const)('of 6 a minute: %s', (_what, level, afterMs, expected, untilDraw) => {
    const bucket = { level, at: now };
    const later = addMs(now, afterMs);
    expect(levelAt(bucket, 6, later)).toBeCloseTo(expected, 9);
    expect(untilDrawMs(bucket, 6, later)).toBe(untilDraw);
  });

  it.each([1, 6, 60, 6000])('gives %d at once, then one by one at its rate', (perMinute) => {
    let bucket = fullBucket(perMinute, now);
    for (let drawn = 0; drawn < perMinute; drawn += 1) {
      expect(untilDrawMs(bucket, perMinute, now)).toBe(0);
      bucket = draw(bucket, perMinute, now);
    }
    const wait = untilDrawMs(bucket, perMinute, now);
    expect(wait).toBe(60_000 / perMinute);
    expect(untilDrawMs(bucket, perMinute, addMs(now, wait - 1))).toBeGreaterThan(0);
    expect(untilDrawMs(bucket, perMinute, addMs(now, wait))).toBe(0);
  });

  it('goes on filling over a reboot, by the wall clock and at least by the time since the boot', () => {
    const empty = { level: 0, at: now };
    expect(untilDrawMs(empty, 6, { bootId: 'boot-2', bootMs: 500, wallMs: now.wallMs + 10_000 })).toBe(0);
    expect(untilDrawMs(empty, 6, { bootId: 'boot-2', bootMs: 4_000, wallMs: 0 })).toBe(6_000);
  });

  it('follows a smaller limit at once', () => {
    expect(levelAt({ level: 60, at: now }, 2, now)).toBe(2);
  });

  it('does not go below empty', () => {
    expect(draw({ level: 0.2, at: now }, 6, now)).toEqual({ level: 0, at: now });
  });
});
