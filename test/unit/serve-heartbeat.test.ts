import { describe, expect, it } from 'vitest';
import { beatMs, Heartbeat } from '../../src/serve/heartbeat.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

/** As long as a daemon must not be woken (DESIGN §11). */
const shortestTimerMs = 10_000;

describe('Heartbeat', () => {
  it('has no timer where nobody listens', () => {
    const clock = new ManualClock({ bootMs: 0 });
    const heartbeat = new Heartbeat(clock);
    expect(clock.nextDueInMs()).toBeNull();
    const stop = heartbeat.add(() => {});
    expect(clock.nextDueInMs()).toBe(beatMs);
    stop();
    stop();
    expect(clock.nextDueInMs()).toBeNull();
  });

  it('beats for all with one timer, and not too often', () => {
    const clock = new ManualClock({ bootMs: 0 });
    const heartbeat = new Heartbeat(clock);
    const beats = [0, 0, 0];
    const stops = beats.map((_, index) => heartbeat.add(() => (beats[index]! += 1)));
    clock.advance(3 * beatMs);
    expect(beats).toEqual([3, 3, 3]);
    expect(beatMs).toBeGreaterThan(shortestTimerMs);
    stops[0]?.();
    clock.advance(beatMs);
    expect(beats).toEqual([3, 4, 4]);
  });

  it('beats at the same moments on every listener, so that they wake the process together', () => {
    const clock = new ManualClock({ bootMs: 7_000 });
    const moments: number[] = [];
    for (const startsAfterMs of [0, 3_000]) {
      clock.advance(startsAfterMs);
      new Heartbeat(clock).add(() => moments.push(clock.now().bootMs));
    }
    clock.advance(beatMs);
    expect(moments).toEqual([beatMs, beatMs]);
  });

  it('ends when its last listener goes in the middle of a beat', () => {
    const clock = new ManualClock();
    const heartbeat = new Heartbeat(clock);
    const stop = heartbeat.add(() => stop());
    clock.advance(beatMs);
    expect(clock.nextDueInMs()).toBeNull();
  });
});
