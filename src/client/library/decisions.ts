import { TokenwardClientError } from './client-error.ts';
import type { AccessToken } from './declaration.ts';

/** What the client decides, apart from doing it. */

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/** Whether a token from memory does for a caller who wants one that lives `minTtlMs` milliseconds. */
export function livesLongEnough(
  token: Pick<AccessToken, 'expiresInMs'>,
  minTtlMs: number,
  marginMs: number,
): boolean {
  return token.expiresInMs > 0 && token.expiresInMs >= Math.max(minTtlMs, marginMs);
}

/** Milliseconds before the attempt after `failures` failures in a row: half of it by chance, so that many do not come at once. */
export function pauseMs(failures: number, retryAfterMs: number | null, fraction: number): number {
  const full = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs);
  return Math.max(full * (0.5 + fraction / 2), retryAfterMs ?? 0);
}

/**
 * Whether asking again is of no use. A socket that lets nobody in is so for a moment while a daemon starts, which only
 * excuses one that has let us in before.
 */
export function isFinal(error: unknown, wasLetIn: boolean): boolean {
  if (!(error instanceof TokenwardClientError)) return true;
  const { status, code } = error;
  if (status === null) return code === 'CLIENT_CLOSED' || (code === 'PEER_DENIED' && !wasLetIn);
  return status < 500 && status !== 429;
}

/** Whether the body of a request can be sent a second time. Streams and iterators are used up. */
export function canBeSentAgain(body: unknown): boolean {
  return body == null || typeof body === 'string' || body instanceof Uint8Array;
}
