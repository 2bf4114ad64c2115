import { describe, expect, it } from 'vitest';
import { alignColumns, formatClock, formatSpan, formatUntil } from '../../src/cli/format.ts';

describe('formatSpan', () => {
  it.each([
    [-5, '0s'],
    [0, '0s'],
    [0.9, '0s'],
    [59.9, '59s'],
    [60, '1m'],
    [61, '1m1s'],
    [3599, '59m59s'],
    [3600, '1h'],
    [3659, '1h'],
    [3660, '1h1m'],
    [86_400, '1d'],
    [90_000, '1d1h'],
    [15_552_000, '180d'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text);
  });
});

describe('formatUntil', () => {
  const now = new Date('2027-01-01T00:00:00Z');

  it.each([
    ['2026-12-31T23:59:59Z', 'now'],
    ['2027-01-01T00:00:00Z', 'now'],
    ['2027-01-01T00:09:30Z', '9m30s'],
    ['2027-01-01T00:22:30Z', '22m'],
    ['2027-01-04T00:00:00Z', '3d'],
  ])('%s is %s', (moment, text) => {
    expect(formatUntil(moment, now)).toBe(text);
  });
});

describe('formatClock', () => {
  // without a zone: the reader's own clock, wherever this runs
  const now = new Date('2027-01-31T12:00:00');

  it.each([
    ['2027-01-31T14:03:59', '14:03'],
    ['2027-01-31T00:00:00', '00:00'],
    ['2027-02-01T00:05:00', 'Feb 1 00:05'],
    ['2026-12-24T18:30:00', 'Dec 24 18:30'],
    ['2027-09-01T08:00:00', 'Sep 1 2027'],
  ])('%s is %s', (local, text) => {
    expect(formatClock(new Date(local).toISOString(), now)).toBe(text);
  });
});

describe('alignColumns', () => {
  it('pads all columns but the last', () => {
    const rows = [
      ['A', 'LONGER', 'C'],
      ['web-01', 'x', 'last one'],
    ];
    expect(alignColumns(rows)).toEqual(['A       LONGER  C', 'web-01  x       last one']);
  });

  it('has nothing to say about nothing', () => {
    expect(alignColumns([])).toEqual([]);
  });
});
