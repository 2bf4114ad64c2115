import { beforeEach, describe, expect, it } from 'vitest';
import type { Deviation } from '../../../src/outputs/sighting.ts';
import { TamperGuard, restoreDelayMs } from '../../../src/outputs/tamper-guard.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

/** A file as the guard sees it: something may be wrong with it, which a check finds and mends, if it can. */
let wrong: Deviation | null;
let mendable: boolean;
let checks: number;
let told: string[];
let clock: ManualClock;
let guard: TamperGuard;

beforeEach(() => {
  [wrong, mendable, checks, told, clock] = [null, true, 0, [], new ManualClock()];
  guard = new TamperGuard({
    clock,
    recheck: async () => {
      checks += 1;
      if (wrong !== null) guard.tampered([wrong]);
      if (mendable) wrong = null;
      return mendable;
    },
    onTampered: (what) => void told.push(what.join('+')),
    onRestored: () => void told.push('restored'),
  });
  guard.start();
});

function meddle(what: Deviation): void {
  wrong = what;
  guard.poke();
}

describe('the pace of restores', () => {
  it.each([
    [0, 0],
    [4, 0],
    [5, 1_000],
    [29, 1_000],
    [30, 10_000],
    [1_000_000, 10_000],
  ])('after %i restores without calm: %i ms', (restores, delayMs) => {
    expect(restoreDelayMs(restores)).toBe(delayMs);
  });

  it('checks at once when nothing was wrong so far, however often it is poked', () => {
    for (let pokes = 0; pokes < 100; pokes += 1) guard.poke();
    expect([checks, told]).toEqual([100, []]);
  });

  it('lets a tug of war neither go on in a loop nor be lost', async () => {
    for (let ms = 0; ms < 60_000; ms += 100) {
      meddle('content');
      await clock.elapse(100);
    }
    expect(checks).toBeGreaterThan(20);
    expect(checks).toBeLessThan(40);
    await clock.elapse(10_000);
    expect(wrong).toBeNull();
    expect(told).toEqual(['content']);
  });
});

describe('an episode', () => {
  it('is told once, and again for each further kind of change', () => {
    for (const what of ['content', 'content', 'mode', 'content'] as const) meddle(what);
    expect(told).toEqual(['content', 'content+mode']);
  });

  it('ends when the file has been ours for half a minute', async () => {
    await clock.elapse(20_000);
    meddle('removed');
    await clock.elapse(29_999);
    expect(told).toEqual(['removed']);
    await clock.elapse(30_001);
    expect(told).toEqual(['removed', 'restored']);
  });

  it('goes on while the file cannot be restored', async () => {
    mendable = false;
    meddle('removed');
    await clock.elapse(10 * 60_000);
    expect(told).toEqual(['removed']);
    mendable = true;
    await clock.elapse(90_000);
    expect(told).toEqual(['removed', 'restored']);
  });

  it('may be followed by another, which is answered at once again', async () => {
    for (let times = 0; times < 5; times += 1) meddle('removed');
    await clock.elapse(60_000);
    checks = 0;
    meddle('mode');
    expect(checks).toBe(1);
    expect(told).toEqual(['removed', 'restored', 'mode']);
  });
});

describe('audits', () => {
  it('find what no event told of', async () => {
    wrong = 'content';
    await clock.elapse(30_000);
    expect([wrong, told]).toEqual([null, ['content']]);
  });

  it('come no more often than every 30 s', async () => {
    await clock.elapse(5 * 60_000);
    expect(checks).toBe(10);
  });

  it('end with the guard, as do checks that wait', async () => {
    for (let times = 0; times < 6; times += 1) meddle('mode');
    guard.close();
    guard.poke();
    expect(clock.nextDueInMs()).toBeNull();
    expect(checks).toBe(5);
  });
});
