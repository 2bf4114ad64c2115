import type { Clock } from '../ports/clock.ts';

/**
 * Milliseconds from the moment when an agent is known again until what the process before has told counts as over: a server that
 * was away is away only when the first try has failed again.
 */
const settleMs = 60_000;

/** Which agents have been known for long enough, after a start, for what does not stand to be over. */
export class Settling {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #settled: (subject: string | null) => void;
  /** What cancels the wait; null where it is over. */
  readonly #waits = new Map<string | null, (() => void) | null>();

  constructor(clock: Pick<Clock, 'after'>, settled: (subject: string | null) => void) {
    this.#clock = clock;
    this.#settled = settled;
  }

  /** To be asked only when the agent is known: the first time starts the wait. */
  isOver(subject: string | null): boolean {
    const wait = this.#waits.get(subject);
    if (wait === undefined) {
      const cancel = this.#clock.after(settleMs, () => {
        this.#waits.set(subject, null);
        this.#settled(subject);
      });
      this.#waits.set(subject, cancel);
    }
    return wait === null;
  }

  close(): void {
    for (const cancel of this.#waits.values()) cancel?.();
  }
}
