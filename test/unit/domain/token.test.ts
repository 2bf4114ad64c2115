import { describe, expect, it } from 'vitest';
import { addMs, type Stamp } from '../../../src/domain/stamp.ts';
import { remainingMs } from '../../../src/domain/token.ts';
import { now } from './fixtures.ts';

const longestTtlMs = 15_552_000_000;
const rebooted = (bootMs: number, wallMs: number): Stamp => ({
  bootId: 'boot-2',
  bootMs,
  wallMs: now.wallMs + wallMs,
});

describe('what is left of a token', () => {
  it.each([
    ['all of it when it was just sent for', 60_000, now, 60_000],
    ['the rest after a while', 60_000, addMs(now, 45_000), 15_000],
    ['a last millisecond', 60_000, addMs(now, 59_999), 1],
    ['nothing at its end', 60_000, addMs(now, 60_000), 0],
    ['nothing after its end', 60_000, addMs(now, 90_000), 0],
    ['nothing after a suspend over its end', 60_000, addMs(now, 86_400_000), 0],
    ['180 days, which no 32-bit number holds', longestTtlMs, addMs(now, 1_000), longestTtlMs - 1_000],
    ['the wall clock decides after a reboot', 60_000, rebooted(10_000, 50_000), 10_000],
    ['no life comes back with a wall clock set back', 60_000, rebooted(40_000, -3_600_000), 20_000],
  ] as const)('%s', (_what, ttlMs, at, expected) => {
    expect(remainingMs({ sentAt: now, ttlMs }, at)).toBe(expected);
  });
});
