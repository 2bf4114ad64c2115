import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../ports/clock.ts';
import type { Native } from './native.ts';

/**
 * The clocks of this host. Node's own timers count a clock that stands still in suspend and hold no more than 2^31-1 ms, so
 * they are only used to wake up: one timer for all waits, never set further ahead than 20 s, and at each waking the boot
 * clock says what is due.
 */

const LONGEST_SLEEP_MS = 20_000;
const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';

/** `longestSleepMs` is lowered by tests only. */
export function createSystemClock(native: Pick<Native, 'bootMs'>, longestSleepMs = LONGEST_SLEEP_MS): Clock {
  const bootId = readBootId();
  const timers = new TimerQueue(() => native.bootMs(), longestSleepMs);
  return {
    now: () => ({ bootId, bootMs: native.bootMs(), wallMs: Date.now() }),
    after: (delayMs, run) => timers.add(delayMs, run),
  };
}

function readBootId(): string {
  try {
    return readFileSync(BOOT_ID_PATH, 'latin1').trim();
  } catch {
    // a sandbox without /proc: as if each process had a boot of its own, so that other processes' stamps go by the wall clock
    return randomUUID();
  }
}

interface Wait {
  readonly dueMs: number;
  readonly run: () => void;
}

class TimerQueue {
  readonly #bootMs: () => number;
  readonly #longestSleepMs: number;
  readonly #waits = new Set<Wait>();
  #sleep: NodeJS.Timeout | undefined;
  #wakeMs = Infinity;

  constructor(bootMs: () => number, longestSleepMs: number) {
    this.#bootMs = bootMs;
    this.#longestSleepMs = longestSleepMs;
  }

  add(delayMs: number, run: () => void): () => void {
    const wait: Wait = { dueMs: this.#bootMs() + Math.max(0, delayMs), run };
    this.#waits.add(wait);
    if (wait.dueMs < this.#wakeMs) this.#sleepUntilNextDue();
    return () => {
      if (this.#waits.delete(wait) && this.#waits.size === 0) this.#sleepUntilNextDue();
    };
  }

  #sleepUntilNextDue(): void {
    clearTimeout(this.#sleep);
    this.#wakeMs = Infinity;
    if (this.#waits.size === 0) return;
    let nextMs = Infinity;
    for (const { dueMs } of this.#waits) nextMs = Math.min(nextMs, dueMs);
    const nowMs = this.#bootMs();
    const sleepMs = Math.min(Math.max(0, Math.ceil(nextMs - nowMs)), this.#longestSleepMs);
    this.#wakeMs = nowMs + sleepMs;
    this.#sleep = setTimeout(() => this.#wake(), sleepMs);
  }

  #wake(): void {
    this.#wakeMs = Infinity;
    const nowMs = this.#bootMs();
    const due = [...this.#waits].filter((wait) => wait.dueMs <= nowMs).toSorted((a, b) => a.dueMs - b.dueMs);
    try {
      for (const wait of due) {
        // one that ran before it may have cancelled it
        if (this.#waits.delete(wait)) wait.run();
      }
    } finally {
      this.#sleepUntilNextDue();
    }
  }
}
