import type { RawAnswer } from '../domain/journal-entry.ts';
import type { ObjectData, ObjectValues } from '../platform/kubernetes/object-data.ts';
import { mayHoldSecret } from './kept-raws.ts';

/**
 * Which raw answers are in the agent's Kubernetes Secret, which has room for 1 MiB: all that may hold a secret, as long as
 * there is room for them, and of the others the newest. What has no room stays on the local volume.
 */

/** Leaves room for the two slots, the record with its secrets, and the session. */
const ROOM_BYTES = 512 * 1024;
const ANSWERS_AT_MOST = 64;

const rawKey = /^raw-[0-9a-f-]{36}$/;

export function keyOfRaw(attempt: string): string {
  return `raw-${attempt}`;
}

export function attemptOfKey(key: string): string {
  return key.slice('raw-'.length);
}

/** The answers in the data, or that to one attempt. */
export function rawsIn(
  data: ObjectData,
  attempt: string | null = null,
): readonly (readonly [key: string, sealed: Uint8Array])[] {
  return [...data].filter(([key]) => (attempt === null ? rawKey.test(key) : key === keyOfRaw(attempt)));
}

export class ObjectRaws {
  /** Sealed, and not in the object yet; oldest first. */
  readonly #waiting = new Map<string, Uint8Array>();
  /** Keys of answers that cannot hold a secret, with the time at which their attempts were sent. */
  readonly #spare = new Map<string, number>();

  get waiting(): ReadonlyMap<string, Uint8Array> {
    return this.#waiting;
  }

  /** What is known of an answer, wherever it is. */
  note(raw: RawAnswer): void {
    if (!mayHoldSecret(raw)) this.#spare.set(keyOfRaw(raw.attempt.id), raw.attempt.sentAt.wallMs);
  }

  add(raw: RawAnswer, sealed: Uint8Array): void {
    this.note(raw);
    this.#waiting.set(keyOfRaw(raw.attempt.id), sealed);
  }

  /** null = all. */
  forget(attempt: string | null): void {
    for (const key of [...this.#waiting.keys(), ...this.#spare.keys()]) {
      if (attempt !== null && key !== keyOfRaw(attempt)) continue;
      this.#waiting.delete(key);
      this.#spare.delete(key);
    }
  }

  /** What is to be written beside anything else: those that wait, as far as there is room, in the place of spare ones. */
  changes(data: ObjectData): ObjectValues {
    const sizes = new Map(rawsIn(data).map(([key, { length }]) => [key, length]));
    const changes: Record<string, Uint8Array | null> = {};
    for (const [key, sealed] of this.#waiting) {
      sizes.set(key, sealed.length);
      changes[key] = sealed;
      while (isTooMuch(sizes)) {
        const spare = this.#oldestSpare(sizes) ?? key;
        sizes.delete(spare);
        if (data.has(spare)) changes[spare] = null;
        else delete changes[spare];
        if (spare === key) break;
      }
    }
    return changes;
  }

  /** The data as they are with {@link ObjectRaws.changes}, but for what goes. */
  addedTo(data: ObjectData): ObjectData {
    const added = new Map(data);
    for (const [key, sealed] of Object.entries(this.changes(data)))
      if (sealed !== null) added.set(key, sealed);
    return added;
  }

  /** What the object has now waits no more. */
  written(data: ObjectData): void {
    for (const [key, sealed] of this.#waiting) {
      const there = data.get(key);
      if (there !== undefined && Buffer.from(there).equals(sealed)) this.#waiting.delete(key);
    }
  }

  #oldestSpare(sizes: ReadonlyMap<string, number>): string | undefined {
    const there = [...this.#spare].filter(([key]) => sizes.has(key));
    return there.toSorted(([, one], [, other]) => one - other)[0]?.[0];
  }
}

function isTooMuch(sizes: ReadonlyMap<string, number>): boolean {
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return total > ROOM_BYTES || sizes.size > ANSWERS_AT_MOST;
}
