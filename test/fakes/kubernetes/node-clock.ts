import type { Clock } from '../../../src/ports/clock.ts';
import type { ManualClock } from '../manual-clock.ts';

/** A node's clocks: the wall clock is off, and the boot clock does not run as fast as it should. */
export function nodeClock(truth: ManualClock, name: string, skewMs: number, rate: number): Clock {
  return {
    now: () => {
      const { bootMs, wallMs } = truth.now();
      // whole milliseconds: less than one would never pass
      return { bootId: name, bootMs: Math.floor(bootMs * rate), wallMs: wallMs + skewMs };
    },
    after: (delayMs, run) => truth.after(Math.ceil(delayMs / rate), run),
  };
}
