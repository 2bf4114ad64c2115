import type { TokenwardError } from './errors.ts';

/** When a request of an administrator is worth another try, and after how long. */

/** Attempts in all. */
export const mostAttempts = 6;

/** Milliseconds of the first pause, which doubles with every failure. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** Milliseconds that a server may ask for; who wants more is asked again earlier. */
const longestRetryAfterMs = 120_000;

/**
 * Whether the same request may do better later. One that never left may be sent again, and so may one that the server turned
 * away for now (429). Where the server failed, or its answer was lost, it may have acted: then only an `idempotent` request,
 * which does no more by coming twice, is sent again. Whatever else it answered, it has understood.
 */
export function isWorthRepeating({ code, fields }: TokenwardError, idempotent: boolean): boolean {
  if (code === 'SERVER_UNREACHABLE' || code === 'SERVER_RATE_LIMITED') return true;
  if (code !== 'SERVER_TROUBLE' || !idempotent) return false;
  const { status } = fields;
  return typeof status !== 'number' || status < 400 || status >= 500;
}

/**
 * Milliseconds until the next attempt after so many `failures` (1 = the first). What the server asks for is obeyed, up to two
 * minutes, and a little more so that not all come back at once; else between half and all of a pause that doubles each time.
 * `fraction` is chance, from 0 to below 1.
 */
export function pauseBeforeRepeating(
  failures: number,
  { retryAfterMs }: Pick<TokenwardError, 'retryAfterMs'>,
  fraction: number,
): number {
  if (retryAfterMs !== null) {
    const asked = Math.min(retryAfterMs, longestRetryAfterMs);
    return Math.round(asked * (1 + fraction / 10));
  }
  const longest = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs);
  return Math.round((longest * (1 + fraction)) / 2);
}
