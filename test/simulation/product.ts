import type { AgentSettings } from '../../src/domain/agent-state.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';

/**
 * What a server can revoke. `rotating`: secrets, and issued tokens live on. `minting`: all tokens at once, and also the secret
 * that mints them. `as-is`: the secret, which is the token.
 */
export type ProductKind = 'rotating' | 'minting' | 'as-is';

export interface Product {
  readonly kind: ProductKind;
  /** How often a token is shown to the server; null without a probe. */
  readonly probeEveryMs: number | null;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** For a secret that is the token: long after the end of every story. */
export const asIsLifeMs = 60 * day;

const probePauses: readonly [number, ...number[]] = [15 * minute, hour, 2 * hour, 4 * hour];

/** 60 of 100 rotate, 25 mint, 15 are used as they are. */
export function drawProduct(random: SeededRandom): Product {
  const share = random.below(100);
  const probeEveryMs = random.pick(probePauses);
  const hasProbe = random.below(4);
  if (share < 60) return { kind: 'rotating', probeEveryMs: hasProbe === 0 ? probeEveryMs : null };
  if (share < 85) return { kind: 'minting', probeEveryMs: hasProbe < 2 ? probeEveryMs : null };
  return { kind: 'as-is', probeEveryMs };
}

type ProductSettings = Pick<
  AgentSettings,
  'creates' | 'rotates' | 'exchange' | 'tokensRevocable' | 'probeEveryMs' | 'expiresAtMs'
>;

/** `startMs`: the beginning of the story, as wall clocks tell it. */
export function productSettings({ kind, probeEveryMs }: Product, startMs: number): ProductSettings {
  return {
    rotates: kind === 'rotating',
    exchange: kind !== 'as-is',
    creates: kind === 'rotating',
    tokensRevocable: kind !== 'rotating',
    probeEveryMs,
    expiresAtMs: kind === 'as-is' ? startMs + asIsLifeMs : null,
  };
}
