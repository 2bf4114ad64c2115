import { describe, expect, it } from 'vitest';
import { addMs, elapsedMs, type Stamp } from '../../../src/domain/stamp.ts';

const at = (bootId: string, bootMs: number, wallMs: number): Stamp => ({ bootId, bootMs, wallMs });

describe('elapsed time', () => {
  it.each([
    ['within one boot counts on the boot clock', at('a', 100, 5_000), at('a', 350, 9_999), 250],
    ['is not moved by a wall clock that is set back', at('a', 100, 5_000), at('a', 350, 0), 250],
    ['is never negative', at('a', 350, 0), at('a', 100, 0), 0],
    ['across boots counts on the wall clock', at('a', 900_000, 5_000), at('b', 10, 65_000), 60_000],
    ['across boots is at least the time since the boot', at('a', 900_000, 5_000), at('b', 700, 5_100), 700],
    ['across boots survives a wall clock that was set back', at('a', 900_000, 5_000), at('b', 700, 0), 700],
  ] as const)('%s', (_what, earlier, later, expected) => {
    expect(elapsedMs(earlier, later)).toBe(expected);
  });

  it.each([0, 1_500, -1_500])('undoes adding %d ms, on both clocks', (ms) => {
    const start = at('a', 10_000, 20_000);
    expect(addMs(start, ms)).toEqual(at('a', 10_000 + ms, 20_000 + ms));
    expect(elapsedMs(start, addMs(start, ms))).toBe(Math.max(0, ms));
  });
});
