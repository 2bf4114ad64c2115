import type { Stamp } from '../domain/stamp.ts';

/**
 * Records that another host wrote. Its boot clock counts from another moment, and that of this host says nothing of how long ago
 * something happened there: the wall clocks are all that both have. So every stamp of another boot is made one of this boot when
 * it is read, and from then on time passes for it on a clock that nobody sets.
 */

/** The same value, with each stamp in it on the boot clock of `now`. It is before the boot (negative) where that came later. */
export function inThisBoot<Value>(value: Value, now: Stamp): Value {
  return converted(value, now) as Value;
}

function converted(value: unknown, now: Stamp): unknown {
  if (Array.isArray(value)) return value.map((each) => converted(each, now));
  // a credential's text, or the bytes of an answer
  if (!isPlain(value)) return value;
  if (isStamp(value)) return inBootOf(value, now);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, converted(each, now)]));
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isStamp(value: object): value is Stamp {
  return 'bootId' in value && 'bootMs' in value && 'wallMs' in value;
}

function inBootOf(stamp: Stamp, { bootId, bootMs, wallMs }: Stamp): Stamp {
  if (stamp.bootId === bootId) return stamp;
  return { bootId, bootMs: bootMs - (wallMs - stamp.wallMs), wallMs: stamp.wallMs };
}
