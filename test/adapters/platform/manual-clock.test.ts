import { describe, expect, it } from 'vitest';
import { elapsedMs } from '../../../src/domain/stamp.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

describe('the clock that tests move', () => {
  it('runs what falls due, each at its own time, in order', () => {
    const clock = new ManualClock({ bootMs: 0 });
    const ran: [string, number][] = [];
    const note = (name: string) => () => ran.push([name, clock.now().bootMs]);
    clock.after(30, note('c'));
    clock.after(10, () => {
      note('a')();
      clock.after(5, note('b'));
      clock.after(100, note('too late'));
    });
    const cancel = clock.after(20, note('cancelled'));
    cancel();
    clock.advance(50);
    expect(ran).toEqual([
      ['a', 10],
      ['b', 15],
      ['c', 30],
    ]);
    expect(clock.now().bootMs).toBe(50);
    expect(clock.nextDueInMs()).toBe(60);
  });

  it('lets promises settle between two waits', async () => {
    const clock = new ManualClock();
    const start = clock.now();
    let rounds = 0;
    const loop = async (): Promise<void> => {
      await new Promise<void>((resolve) => clock.after(10, resolve));
      rounds += 1;
      await loop();
    };
    void loop();
    await clock.elapse(95);
    expect(rounds).toBe(9);
    expect(elapsedMs(start, clock.now())).toBe(95);
  });

  it('knows a suspend, a changed wall clock and a restart', () => {
    const clock = new ManualClock({ bootMs: 1_000, wallMs: 5_000 });
    let ranAt = 0;
    clock.after(10, () => (ranAt = clock.now().bootMs));
    clock.suspend(500);
    expect(ranAt).toBe(1_500);
    clock.setWall(0);
    expect(clock.now()).toEqual({ bootId: 'boot-1', bootMs: 1_500, wallMs: 0 });
    clock.after(10, () => (ranAt = -1));
    clock.reboot(2_000);
    clock.advance(100);
    expect(clock.now()).toEqual({ bootId: 'boot-2', bootMs: 100, wallMs: 2_100 });
    expect(ranAt).toBe(1_500);
  });
});
