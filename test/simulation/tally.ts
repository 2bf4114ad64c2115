import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { InvariantName } from './invariants/names.ts';
import type { ProductKind } from './product.ts';

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
  readonly products: Partial<Record<ProductKind, number>>;
  /** What was said of tokens, and what came of it. */
  readonly tokens: Partial<Record<TokenHappening, number>>;
}

export const tokenHappenings = [
  // the engine's own words
  'token-reported',
  'token-proved',
  'token-revoked',
  'token-replaced',
  'token-rejected-again',
  'rejection-not-confirmed',
  'probe-failed',
  'secret-file-adopted',
  'secret-file-known',
  'secret-file-not-adopted',
  // what shippers, people and the server said
  'true report',
  'false report',
  'certain report',
  'probe works',
  'probe rejected',
  'probe forbidden',
] as const;

export type TokenHappening = (typeof tokenHappenings)[number];

export function emptyTally(): Tally {
  return {
    seeds: 0,
    days: 0,
    exchanges: 0,
    faults: {},
    exercised: {},
    ends: {},
    policies: {},
    stores: {},
    products: {},
    tokens: {},
  };
}

export function count<Key extends string>(counts: Partial<Record<Key, number>>, key: Key, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

const sections = ['faults', 'exercised', 'ends', 'policies', 'stores', 'products', 'tokens'] as const;

export function addTally(sum: Tally, part: Tally): void {
  sum.seeds += part.seeds;
  sum.days += part.days;
  sum.exchanges += part.exchanges;
  for (const name of sections) {
    const into: Partial<Record<string, number>> = sum[name];
    for (const [key, value] of Object.entries(part[name])) count(into, key, value);
  }
}
