import type { Clock } from '../ports/clock.ts';

/** Bounds per user, so that one user's broken client cannot take the daemon away from the others. */
export interface LimitOptions {
  /** Connections open at one time; 0 = no bound. */
  readonly connections: number;
  /** With a burst of one second's worth; 0 = no bound. */
  readonly requestsPerSecond: number;
  /** Milliseconds from the first byte of a request to the end of its headers; absent = 10 s. */
  readonly headerDeadlineMs?: number;
  /** Milliseconds that a connection may be idle between requests; absent = 75 s. */
  readonly idleDeadlineMs?: number;
  /** Connections of all users together; absent = no bound. */
  readonly allConnections?: number;
}

export type Deadlines = Required<Pick<LimitOptions, 'headerDeadlineMs' | 'idleDeadlineMs'>>;

export function deadlinesOf({ headerDeadlineMs = 10_000, idleDeadlineMs = 75_000 }: LimitOptions): Deadlines {
  return { headerDeadlineMs, idleDeadlineMs };
}

/**
 * So many times the places that are left may one user have: alone three quarters of all, and a second one who wants as many
 * three quarters of the rest, so that there are some left for the next.
 */
const timesTheRest = 3;

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

  /** Whether there is a place for one more connection of this user, as far as the number of all of them goes. */
  hasPlace(uid: Uid): boolean {
    const free = (this.#options.allConnections ?? Infinity) - this.#connections;
    // Where nobody is told apart, nothing can be kept for others.
    return uid === null ? free > 0 : this.#connectionsOf(uid) < timesTheRest * free;
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

  #connectionsOf(uid: Uid): number {
    return this.#uses.get(uid)?.connections ?? 0;
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
