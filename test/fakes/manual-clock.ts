import type { Stamp } from '../../src/domain/stamp.ts';
import type { Clock } from '../../src/ports/clock.ts';

interface Wait {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock that a test moves. Waits run inside {@link ManualClock.advance}, each at its own time, in the order they are due. */
export class ManualClock implements Clock {
  #boots = 1;
  #bootMs: number;
  #wallMs: number;
  /** In the order in which they are due. */
  #waits: Wait[] = [];

  constructor({
    bootMs = 1_000_000,
    wallMs = Date.UTC(2026, 0, 1),
  }: { bootMs?: number; wallMs?: number } = {}) {
    this.#bootMs = bootMs;
    this.#wallMs = wallMs;
  }

  now(): Stamp {
    return { bootId: `boot-${this.#boots}`, bootMs: this.#bootMs, wallMs: this.#wallMs };
  }

  after(delayMs: number, run: () => void): () => void {
    const wait: Wait = { dueMs: this.#bootMs + Math.max(0, delayMs), run };
    // Waits are added far more often than there are many of them, and mostly for a time after all others.
    const at = this.#waits.findLastIndex(({ dueMs }) => dueMs <= wait.dueMs) + 1;
    this.#waits.splice(at, 0, wait);
    return () => {
      const index = this.#waits.indexOf(wait);
      if (index >= 0) this.#waits.splice(index, 1);
    };
  }

  /** Milliseconds until the next wait is due (0 = now or late); null where nothing waits. */
  nextDueInMs(): number | null {
    const [next] = this.#waits;
    return next === undefined ? null : Math.max(0, next.dueMs - this.#bootMs);
  }

  /** Lets time pass and runs what falls due on the way, also what is added on the way. */
  advance(ms: number): void {
    const endMs = this.#bootMs + ms;
    while (this.#runNext(endMs)) {
      // each at its own time
    }
    this.#move(endMs - this.#bootMs);
  }

  /** Like {@link advance}, and lets the promises that each wait set off settle before the next one runs. */
  async elapse(ms: number): Promise<void> {
    const endMs = this.#bootMs + ms;
    await settled();
    while (this.#runNext(endMs)) await settled();
    this.#move(endMs - this.#bootMs);
    await settled();
  }

  /** The host sleeps: time passes, but nothing runs before it wakes up. */
  suspend(ms: number): void {
    this.#move(ms);
    this.advance(0);
  }

  /** Somebody sets the wall clock; the boot clock knows nothing of it. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs;
  }

  /** The host restarts: another boot id, the boot clock from 0 on, and no wait survives. `offMs` = how long it was off. */
  reboot(offMs = 0): void {
    this.#boots += 1;
    this.#bootMs = 0;
    this.#wallMs += offMs;
    this.#waits = [];
  }

  #runNext(endMs: number): boolean {
    const [next] = this.#waits;
    if (next === undefined || next.dueMs > endMs) return false;
    this.#waits.shift();
    this.#move(Math.max(0, next.dueMs - this.#bootMs));
    next.run();
    return true;
  }

  #move(ms: number): void {
    this.#bootMs += ms;
    this.#wallMs += ms;
  }
}

/** When all promise callbacks that could run have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
