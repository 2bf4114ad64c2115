import type { Credential } from './secret.ts';
import { elapsedMs, type Stamp } from './stamp.ts';

/** An access token and how long it lives. Its life counts from the moment the request was sent (DESIGN §4). */
export interface Token extends Credential {
  /** Counts the agent's tokens, durably. */
  readonly sequence: number;
  /** The generation of the secret that came with it. */
  readonly generation: number;
  readonly sentAt: Stamp;
  /** Milliseconds, as the server granted them. */
  readonly ttlMs: number;
  /** Drawn once per token, 0..1: where in the jitter window its refresh falls. Kept, so that a restart does not draw again. */
  readonly jitterDraw: number;
  /** The try before the one that brought it had failed: its refresh falls into a wider window (`refreshOffsetMs`). */
  readonly afterTrouble?: true;
}

/** Milliseconds of life left at `now`, 0 when it is over. */
export function remainingMs(token: Pick<Token, 'sentAt' | 'ttlMs'>, now: Stamp): number {
  return Math.max(0, token.ttlMs - elapsedMs(token.sentAt, now));
}

/** Milliseconds that a token lives whose answer does not say: to the end that the configuration names, or what was asked for. */
export function lifeMs(
  { expiresAtMs }: { readonly expiresAtMs: number | null },
  { sentAt, ttlMs }: { readonly sentAt: Stamp; readonly ttlMs: number },
): number {
  if (expiresAtMs !== null) return Math.max(0, expiresAtMs - sentAt.wallMs);
  return ttlMs === 0 ? defaultTtlMs : ttlMs;
}

/** What `ttl: 0` asks for, milliseconds (API page "Create Agent Session"). */
export const defaultTtlMs = 1_800_000;
