import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/domain/duration.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['25s', 25_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['180d', 15_552_000_000],
    ['1h30m', 5_400_000],
    ['1m500ms', 60_500],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 's', '1.5h', '-5s', '30 s', '30S', '1h 30m', '5w', '1e3s'])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('are written so that they read back as the same', () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
