import type { Fault } from '../../src/emulator/faults.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import { enrolmentPoints, killPoints } from './points.ts';

/** How one life of the daemon ends, and how fast its server is. */
export interface LifePlan {
  readonly kill: Kill;
  readonly latency: Fault | null;
}

export type Kill =
  /** By the driver, so many milliseconds after the process was started, or after it began to listen. */
  | { readonly at: 'random'; readonly from: 'start' | 'ready'; readonly afterMs: number }
  /** By itself. */
  | { readonly at: 'point'; readonly point: string; readonly occurrence: number };

/** Long enough for doubts to be replayed and hundreds of rotations, short enough for many kills. */
const longestLifeMs = 2_500;
const longestStartMs = 500;
/** An answer that is late by this much is far from the attempt's deadline of 1 s. */
const longestLatencyMs = 120;

/** `enrolling`: whether the life will see agents being enrolled, without which some points are never passed. */
export function planLife(random: SeededRandom, agents: number, enrolling: boolean): LifePlan {
  return { kill: planKill(random, agents, enrolling), latency: planLatency(random) };
}

function planKill(random: SeededRandom, agents: number, enrolling: boolean): Kill {
  const draw = random.fraction();
  if (draw < 0.1) return { at: 'random', from: 'start', afterMs: random.below(longestStartMs) };
  if (draw < 0.5) return { at: 'random', from: 'ready', afterMs: random.below(longestLifeMs) };
  const group = pick(random, enrolling ? [...killPoints, enrolmentPoints] : killPoints);
  return { at: 'point', point: pick(random, group), occurrence: 1 + random.below(2 * agents) };
}

function planLatency(random: SeededRandom): Fault | null {
  const draw = random.fraction();
  if (draw < 0.4) return null;
  const when = draw < 0.7 ? 'before-commit' : 'after-commit';
  const latencyMs = random.below(longestLatencyMs);
  return { kind: 'latency', endpoint: 'exchange', count: 'until-cleared', when, latencyMs };
}

function pick<T>(random: SeededRandom, from: readonly T[]): T {
  const picked = from[random.below(from.length)];
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}
