import type { Clock } from '../../../src/ports/clock.ts';

/** A node's clocks as its processes see them: the boot clock runs at another rate than the true time. */
export function driftingClock(clock: Clock, rate: number): Clock {
  return {
    now: () => {
      const { bootMs, ...rest } = clock.now();
      // whole milliseconds: less than one would never pass
      return { ...rest, bootMs: Math.floor(bootMs * rate) };
    },
    after: (delayMs, run) => clock.after(Math.ceil(delayMs / rate), run),
  };
}
