import { backoffCapMs } from '../../../src/domain/schedule.ts';
import type { FleetFigures, FiguresOptions } from './figures.ts';
import type { FleetOptions } from './fleet.ts';
import type { ServerOptions } from './log-server.ts';

/** The story that docs/fleet.md tells, in any size, and what is claimed of it. */

export interface StoryOptions {
  readonly seed: number;
  readonly daemons: number;
  readonly ttlMs: number;
  /** Exchanges a second that the server grants, as a multiple of what the schedule of this fleet asks of it. */
  readonly capacity: number;
  readonly overload: ServerOptions['overload'];
  readonly outage: NonNullable<ServerOptions['outage']>['kind'];
}

const hourMs = 3_600_000;

export const published: StoryOptions = {
  seed: 1,
  daemons: 100_000,
  ttlMs: hourMs / 2,
  capacity: 4,
  overload: 'rate-limited',
  outage: 'refused',
};

const outageMs = hourMs / 2;

/** Three lives, the outage, three lives. */
export function fleetOf({ seed, daemons, ttlMs, capacity, overload, outage }: StoryOptions): FleetOptions {
  const fromMs = 3 * ttlMs;
  const untilMs = fromMs + outageMs;
  return {
    seed,
    daemons,
    ttlMs,
    lastsMs: untilMs + 3 * ttlMs,
    server: {
      capacity: (capacity * daemons) / ((0.75 * ttlMs) / 1_000),
      overload,
      retryAfterS: 30,
      outage: { fromMs, untilMs, kind: outage },
    },
  };
}

export function measuring({ ttlMs }: StoryOptions, peakMs: number): FiguresOptions {
  return { peakMs, capMs: backoffCapMs(ttlMs) };
}

/** What does not hold, a sentence each. */
export function broken(figures: FleetFigures): readonly string[] {
  const { settled, recovery, afterwards } = figures;
  const rows: [string, number, number][] = [
    ['peak over mean before the outage', settled.peakRate / settled.meanRate, 2],
    ['peak over mean after it', afterwards.peakRate / afterwards.meanRate, 2],
    ['requests a second in the recovery', recovery.peakRate, recovery.bound],
  ];
  return rows
    .filter(([, measured, limit]) => !(measured <= limit))
    .map(([what, measured, limit]) => `${what}: ${measured.toFixed(2)}, and ${limit.toFixed(2)} is claimed`);
}
