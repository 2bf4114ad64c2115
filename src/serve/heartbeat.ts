import type { Clock } from '../ports/clock.ts';

/**
 * Milliseconds between two signs of life on a stream. The standard advises "every 15 seconds or so" (WHATWG HTML §9.2.7), and
 * no timer of an idle daemon runs more often than every 10 s.
 */
export const beatMs = 15_000;

/**
 * One timer for all streams of a listener, and none where there is no stream. Beats fall on multiples of {@link beatMs} of the
 * boot clock, so that several listeners wake the process together.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #beats = new Set<() => void>();
  #cancel: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `beat` from now on. Returns what stops it, which may be called again. */
  add(beat: () => void): () => void {
    this.#beats.add(beat);
    if (this.#beats.size === 1) this.#plan();
    return () => {
      if (this.#beats.delete(beat) && this.#beats.size === 0) this.#cancel();
    };
  }

  #plan(): void {
    const sinceLastMs = this.#clock.now().bootMs % beatMs;
    this.#cancel = this.#clock.after(beatMs - sinceLastMs, () => {
      for (const beat of this.#beats) beat();
      if (this.#beats.size > 0) this.#plan();
    });
  }
}
