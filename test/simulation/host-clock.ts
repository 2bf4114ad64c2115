import type { Stamp } from '../../src/domain/stamp.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ManualClock } from '../fakes/manual-clock.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';

/** After a suspend a timer runs within this time (`Clock.after`), milliseconds. */
const noticedWithinMs = 30_000;

/**
 * The clocks of one host. The true time passes for all hosts alike; each has its own boots and its own, perhaps wrong, wall
 * clock, and may sleep.
 */
export class HostClock implements Clock {
  readonly #truth: ManualClock;
  readonly #random: SeededRandom;
  readonly #host: string;
  #boots = 1;
  #bootedAtMs = 0;
  #wallOffMs = 0;
  #asleep = false;
  /** What fell due during a sleep. */
  #late: (() => void)[] = [];

  constructor(host: string, truth: ManualClock, random: SeededRandom) {
    this.#host = host;
    this.#truth = truth;
    this.#random = random;
  }

  now(): Stamp {
    const { bootMs, wallMs } = this.#truth.now();
    return {
      bootId: `${this.#host} boot ${this.#boots}`,
      bootMs: bootMs - this.#bootedAtMs,
      wallMs: wallMs + this.#wallOffMs,
    };
  }

  after(delayMs: number, run: () => void): () => void {
    const boot = this.#boots;
    let cancelled = false;
    const due = () => {
      if (cancelled || boot !== this.#boots) return;
      if (this.#asleep) this.#late.push(due);
      else run();
    };
    const cancel = this.#truth.after(delayMs, due);
    return () => {
      cancelled = true;
      cancel();
    };
  }

  get asleep(): boolean {
    return this.#asleep;
  }

  get boots(): number {
    return this.#boots;
  }

  /** By how much the wall clock is ahead of the true time, ms. */
  get wallOffMs(): number {
    return this.#wallOffMs;
  }

  setWall(offMs: number): void {
    this.#wallOffMs = offMs;
  }

  sleep(): void {
    this.#asleep = true;
  }

  wake(): void {
    this.#asleep = false;
    for (const due of this.#late.splice(0)) this.#truth.after(this.#random.below(noticedWithinMs), due);
  }

  /** No wait of an earlier boot ever runs. */
  reboot(): void {
    this.#boots += 1;
    this.#bootedAtMs = this.#truth.now().bootMs;
    this.#asleep = false;
    this.#late = [];
  }
}
