import { describe, expect, it } from 'vitest';
import { Crowd } from '../../src/serve/crowd.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

function site() {
  const clock = new ManualClock();
  const gone = { count: 0 };
  const crowd = new Crowd(clock, () => (gone.count += 1));
  const come = (count: number) => repeat(count, () => crowd.came());
  const leave = (count: number) => repeat(count, () => crowd.left());
  return { clock, gone, come, leave };
}

function repeat(count: number, run: () => void): void {
  for (let left = count; left > 0; left -= 1) run();
}

describe('Crowd', () => {
  it('has gone when few are left for a while, and only once', () => {
    const { clock, gone, come, leave } = site();
    come(2000);
    leave(1499);
    expect(clock.nextDueInMs()).toBeNull();
    leave(1);
    clock.advance(2999);
    expect(gone.count).toBe(0);
    clock.advance(1);
    expect(gone.count).toBe(1);
    leave(500);
    clock.advance(10_000);
    expect([gone.count, clock.nextDueInMs()]).toEqual([1, null]);
  });

  it('has not gone where all ask again', () => {
    const { clock, gone, come, leave } = site();
    come(2000);
    leave(2000);
    come(1999);
    clock.advance(10_000);
    expect(gone.count).toBe(0);
    leave(1999);
    clock.advance(3000);
    expect(gone.count).toBe(1);
  });

  it('is not made by a few', () => {
    const { clock, come, leave } = site();
    come(999);
    leave(999);
    expect(clock.nextDueInMs()).toBeNull();
  });
});
