import type { Random } from '../../src/ports/random.ts';

const blockBytes = 4096;

/** The same chance for the same seed (mulberry32). */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A pre-flight asks for more than a hundred thousand: beyond a block, they repeat. */
  bytes(count: number): Uint8Array {
    const drawn = new Uint32Array(Math.ceil(Math.min(count, blockBytes) / 4));
    let state = this.#state;
    for (let index = 0; index < drawn.length; index += 1) {
      state = step(state);
      drawn[index] = mix(state);
    }
    this.#state = state;
    if (count <= blockBytes) return new Uint8Array(drawn.buffer, 0, count);
    return new Uint8Array(Buffer.alloc(count, new Uint8Array(drawn.buffer)));
  }

  uuid(): string {
    const bytes = this.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return Buffer.from(bytes)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  /** An integer in 0..limit-1. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** Another source of chance that follows from this one. */
  fork(): SeededRandom {
    return new SeededRandom(this.#next());
  }

  /** One of them, each as likely as another. */
  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.below(values.length)] ?? values[0];
  }

  /** An integer in 0..2^32-1. */
  #next(): number {
    this.#state = step(this.#state);
    return mix(this.#state);
  }
}

function step(state: number): number {
  return (state + 0x6d2b_79f5) >>> 0;
}

function mix(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
