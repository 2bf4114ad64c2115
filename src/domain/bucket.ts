import type { Bucket } from './journal-entry.ts';
import { elapsedMs, type Stamp } from './stamp.ts';

/**
 * The token bucket that limits an agent's exchanges. It holds `perMinute` at most and fills at `perMinute` a minute; it is
 * saved with every intent, so that a crash loop draws from the same bucket.
 */

export function fullBucket(perMinute: number, now: Stamp): Bucket {
  return { level: perMinute, at: now };
}

/** What is in the bucket at `now`. */
export function levelAt(bucket: Bucket, perMinute: number, now: Stamp): number {
  const gained = (elapsedMs(bucket.at, now) * perMinute) / 60_000;
  return Math.min(perMinute, bucket.level + gained);
}

/** Milliseconds until one exchange may be drawn; 0 = now. */
export function untilDrawMs(bucket: Bucket, perMinute: number, now: Stamp): number {
  const missing = 1 - levelAt(bucket, perMinute, now);
  return missing <= 0 ? 0 : Math.ceil((missing * 60_000) / perMinute);
}

/** The bucket after one draw at `now`. Draw only when {@link untilDrawMs} is 0. */
export function draw(bucket: Bucket, perMinute: number, now: Stamp): Bucket {
  return { level: Math.max(0, levelAt(bucket, perMinute, now) - 1), at: now };
}
