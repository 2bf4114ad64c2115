import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { InvariantName } from './invariants/names.ts';

/** What was counted over one or many stories. */
export interface Tally {
  seeds: number;
  days: number;
  exchanges: number;
  readonly faults: Partial<Record<FaultKind, number>>;
  /** How often each invariant had a case in which it could have been broken. */
  readonly exercised: Partial<Record<InvariantName, number>>;
  /** What became of each agent: how the story ended for it. */
  readonly ends: Record<string, number>;
  readonly policies: Partial<Record<RotationPolicy, number>>;
  readonly stores: Record<string, number>;
}

export function emptyTally(): Tally {
  return { seeds: 0, days: 0, exchanges: 0, faults: {}, exercised: {}, ends: {}, policies: {}, stores: {} };
}

export function count<Key extends string>(counts: Partial<Record<Key, number>>, key: Key, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

export function addTally(sum: Tally, part: Tally): void {
  sum.seeds += part.seeds;
  sum.days += part.days;
  sum.exchanges += part.exchanges;
  for (const name of ['faults', 'exercised', 'ends', 'policies', 'stores'] as const) {
    const into: Partial<Record<string, number>> = sum[name];
    for (const [key, value] of Object.entries(part[name])) count(into, key, value);
  }
}
