import { randomFillSync, randomInt, randomUUID } from 'node:crypto';
import type { Random } from '../ports/random.ts';

/** The largest range that `randomInt` takes. */
const FRACTION_STEPS = 2 ** 48 - 1;

/** Chance from the kernel's generator, by way of OpenSSL. */
export const systemRandom: Random = {
  fraction: () => randomInt(FRACTION_STEPS) / FRACTION_STEPS,
  bytes: (count) => randomFillSync(new Uint8Array(count)),
  uuid: () => randomUUID(),
};
