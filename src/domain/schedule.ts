import { elapsedMs, type Stamp } from './stamp.ts';
import type { Token } from './token.ts';

/** When to refresh and when to try again (DESIGN §4). All results are milliseconds from `now`. */

/** After a proven refusal at most one try in this time. */
export const refusalPaceMs = 5 * 60_000;

/** Shares of a token's life: with less left and no refresh in sight, `TOKEN_EXPIRING` is a warning, then critical. */
const expiryWarningShare = 0.5;
const expiryCriticalShare = 0.2;
/** Who must fetch the next one by hand need not be told months before, milliseconds. */
const byHandWarningMs = 14 * 24 * 60 * 60_000;
const byHandCriticalMs = 3 * 24 * 60 * 60_000;

/** Milliseconds of life left below which `TOKEN_EXPIRING` is a warning, then critical. */
export function expiryLimits(
  ttlMs: number,
  refreshes: boolean,
): { readonly warningMs: number; readonly criticalMs: number } {
  const warningMs = ttlMs * expiryWarningShare;
  const criticalMs = ttlMs * expiryCriticalShare;
  if (refreshes) return { warningMs, criticalMs };
  return {
    warningMs: Math.min(warningMs, byHandWarningMs),
    criticalMs: Math.min(criticalMs, byHandCriticalMs),
  };
}

/** Milliseconds of life at which a token should have been replaced for long: half of what the latest refresh leaves of it. */
export function overdueMs(ttlMs: number, { at, jitter }: RefreshWindow): number {
  return ttlMs * Math.max(0.02, (1 - at - jitter) / 2);
}

/** The first step of every backoff. */
const backoffBaseMs = 1_000;
/** No backoff is longer, however long the token lives. */
const backoffCeilingMs = 5 * 60_000;
/** Nor shorter at its longest: below this the bucket decides. */
const backoffFloorMs = 10_000;

/** How far into its life a token is refreshed: `at` ± `jitter` of the TTL. */
export interface RefreshWindow {
  readonly at: number;
  readonly jitter: number;
}

/** Milliseconds until the planned refresh of a token; 0 when it is due. */
export function untilRefreshMs(token: Token, window: RefreshWindow, now: Stamp): number {
  return Math.max(0, refreshOffsetMs(token, window) - elapsedMs(token.sentAt, now));
}

/**
 * Milliseconds of its life after which a token is refreshed. Trouble is mostly that of many hosts, which then get their tokens
 * within minutes and would come back together for hours, as each life parts them by no more than twice the jitter. So what
 * comes after trouble is refreshed within three times that range, towards the side where no token's end comes nearer.
 */
export function refreshOffsetMs(token: Token, window: RefreshWindow): number {
  const { ttlMs, jitterDraw } = token;
  const latest = window.at + window.jitter;
  const earliest = earliestRefresh(token, window);
  return Math.floor(ttlMs * (earliest + (latest - earliest) * jitterDraw));
}

/** The share of its life after which a token is refreshed at the earliest. */
export function earliestRefresh(
  { afterTrouble }: Pick<Token, 'afterTrouble'>,
  { at, jitter }: RefreshWindow,
): number {
  return afterTrouble === true ? Math.max(at / 3, at - 5 * jitter) : at - jitter;
}

/** The longest pause between two tries for a token of this life: a tenth of it, within bounds. */
export function backoffCapMs(ttlMs: number): number {
  return Math.min(backoffCeilingMs, Math.max(backoffFloorMs, ttlMs / 10));
}

/**
 * Exponential backoff with full jitter from the first try on: uniform in [0, min(cap, base × 2^(failures−1))), or in a wider
 * range, where `leastRangeMs` asks for one. `failures` counts from 1; `draw` is uniform in [0, 1).
 */
export function backoffMs(failures: number, capMs: number, draw: number, leastRangeMs = 0): number {
  const rangeMs = Math.max(leastRangeMs, backoffBaseMs * 2 ** Math.min(failures - 1, 30));
  return Math.floor(draw * Math.min(capMs, rangeMs));
}

/** Milliseconds from `now` until `moment`; 0 when it has passed. Right across suspend and restarts like {@link elapsedMs}. */
export function untilMs(moment: Stamp, now: Stamp): number {
  if (moment.bootId === now.bootId) return Math.max(0, moment.bootMs - now.bootMs);
  return Math.max(0, moment.wallMs - now.wallMs);
}
