import type { Stamp } from '../domain/stamp.ts';

/** Where time comes from. The daemon has the host's clocks; tests and the simulation have one that they move by hand. */
export interface Clock {
  /** The present moment. Cheap: it is asked at every request for a token. */
  now(): Stamp;

  /**
   * Calls `run` once, at the first chance when at least `delayMs` milliseconds of boot time have passed (0 = soon, never
   * within this call). Delays may be longer than a 32-bit timer holds; a suspend or a jump of the clock is noticed within
   * 30 s. Returns a function that cancels it; cancelling twice, or too late, is harmless.
   */
  after(delayMs: number, run: () => void): () => void;
}
