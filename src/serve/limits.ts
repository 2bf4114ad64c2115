import type { Clock } from '../ports/clock.ts';

/** Bounds per user, so that one user's broken client cannot take the daemon away from the others. */
export interface LimitOptions {
  /** Connections open at one time; 0 = no bound. */
  readonly connections: number;
  /** With a burst of one second's worth; 0 = no bound. */
  readonly requestsPerSecond: number;
  /** Connections of all users together; absent = no bound. */
  readonly allConnections?: number;
}

/** `uid` is null where nobody asked the kernel: then all callers share one bound. */
type Uid = number | null;

interface Use {
  connections: number;
  /** Requests that may still come now; fractions grow with time. */
  credit: number;
  /** Boot clock, ms. */
  at: number;
}

export class PeerLimits {
  #options: LimitOptions;
  readonly #clock: Clock;
  readonly #uses = new Map<Uid, Use>();
  #connections = 0;

  constructor(options: LimitOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Other bounds from now on; what is open stays open and is counted. */
  update(options: LimitOptions): void {
    this.#options = options;
  }

  /** Whether there is no place for anybody. */
  get full(): boolean {
    return this.#connections >= (this.#options.allConnections ?? Infinity);
  }

  /** Counts a new connection; false where the user has too many. Each true is followed by one {@link disconnected}. */
  connected(uid: Uid): boolean {
    const use = this.#useOf(uid);
    if (this.#options.connections > 0 && use.connections >= this.#options.connections) return false;
    use.connections += 1;
    this.#connections += 1;
    return true;
  }

  disconnected(uid: Uid): void {
    const use = this.#useOf(uid);
    use.connections -= 1;
    this.#connections -= 1;
    // With a request bound the credit must outlive the connection, or reconnecting would refill it.
    if (use.connections === 0 && this.#options.requestsPerSecond === 0) this.#uses.delete(uid);
  }

  /** Counts a request: 0 where it may proceed, else the milliseconds until the next one may. */
  requested(uid: Uid): number {
    const rate = this.#options.requestsPerSecond;
    if (rate === 0) return 0;
    const use = this.#useOf(uid);
    const now = this.#clock.now().bootMs;
    use.credit = Math.min(Math.max(1, rate), use.credit + ((now - use.at) * rate) / 1000);
    use.at = now;
    if (use.credit < 1) return ((1 - use.credit) * 1000) / rate;
    use.credit -= 1;
    return 0;
  }

  #useOf(uid: Uid): Use {
    const known = this.#uses.get(uid);
    if (known !== undefined) return known;
    const fresh: Use = {
      connections: 0,
      credit: Math.max(1, this.#options.requestsPerSecond),
      at: this.#clock.now().bootMs,
    };
    this.#uses.set(uid, fresh);
    return fresh;
  }
}
