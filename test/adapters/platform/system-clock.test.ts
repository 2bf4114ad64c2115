import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../src/platform/native.ts';
import { createSystemClock } from '../../../src/platform/system-clock.ts';

const native = await loadNative();
const clock = createSystemClock(native);
const DAY_MS = 86_400_000;

function elapsed(ms: number, on = clock): Promise<void> {
  return new Promise((resolve) => {
    on.after(ms, resolve);
  });
}

describe('the present', () => {
  it('is told by three clocks', () => {
    const { bootId, bootMs, wallMs } = clock.now();
    expect(bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
    expect(Math.abs(bootMs - native.bootMs())).toBeLessThan(1_000);
    expect(Math.abs(wallMs - Date.now())).toBeLessThan(1_000);
    expect(clock.now().bootMs).toBeGreaterThanOrEqual(bootMs);
  });
});

describe('waiting', () => {
  it('ends when the time has passed, not before', async () => {
    const before = native.bootMs();
    await elapsed(25);
    expect(native.bootMs() - before).toBeGreaterThanOrEqual(25);
  });

  it.each([0, -5])('of %d ms ends soon, but not within the call', async (ms) => {
    let ran = false;
    const waiting = elapsed(ms).then(() => (ran = true));
    expect(ran).toBe(false);
    await waiting;
    expect(ran).toBe(true);
  });

  it('ends in the order of the times, whatever the order of the calls', async () => {
    const order: number[] = [];
    await Promise.all([30, 10, 20].map(async (ms) => elapsed(ms).then(() => order.push(ms))));
    expect(order).toEqual([10, 20, 30]);
  });

  it('can be cancelled, twice and too late too', async () => {
    let ran = false;
    const cancel = clock.after(5, () => (ran = true));
    cancel();
    cancel();
    const cancelLate = clock.after(0, () => {});
    await elapsed(20);
    cancelLate();
    expect(ran).toBe(false);
  });

  it('can be cancelled by what ran just before', async () => {
    let ran = false;
    const frozen = { bootMs: 0 };
    const stepped = createSystemClock({ bootMs: () => frozen.bootMs }, 5);
    const done = new Promise<void>((resolve) => {
      stepped.after(1, () => {
        cancel();
        resolve();
      });
    });
    const cancel = stepped.after(2, () => (ran = true));
    frozen.bootMs = 10;
    await done;
    await elapsed(20);
    expect(ran).toBe(false);
  });

  it('may be longer than a 32-bit timer holds', async () => {
    let ran = false;
    const cancel = clock.after(180 * DAY_MS, () => (ran = true));
    await elapsed(20);
    expect(ran).toBe(false);
    cancel();
  });

  it('notices a suspend at the next waking', async () => {
    let asleepMs = 0;
    const jumping = createSystemClock({ bootMs: () => native.bootMs() + asleepMs }, 10);
    const waiting = elapsed(DAY_MS, jumping);
    asleepMs = 2 * DAY_MS;
    await waiting;
    expect(jumping.now().bootMs).toBeGreaterThan(2 * DAY_MS);
  });
});
