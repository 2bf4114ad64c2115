import type { Outcome } from '../../../src/domain/outcome.ts';
import { interpret } from '../../../src/providers/vcf-logs/interpret.ts';

/**
 * The log server of a fleet: it grants so many exchanges a second, keeps a short queue, and turns away what is beyond that.
 * During an outage nobody answers, or a load balancer does.
 */

export interface ServerOptions {
  /** Exchanges a second. */
  readonly capacity: number;
  /** What it says to those it has no room for. */
  readonly overload: 'rate-limited' | 'unavailable';
  /** Seconds of `Retry-After` that come with a 429. */
  readonly retryAfterS: number;
  readonly outage: {
    readonly fromMs: number;
    readonly untilMs: number;
    /** The connection is refused; or something before the server answers 503, which leaves every exchange in doubt. */
    readonly kind: 'refused' | 'unavailable';
  } | null;
}

/** `outcome` null: granted. */
export interface ServerAnswer {
  readonly outcome: Outcome | null;
  readonly afterMs: number;
}

/** Milliseconds of work that may wait. */
const queueMs = 2_000;
/** Milliseconds on the way to the server and back. */
const roundTripMs = 20;

export class LogServer {
  readonly #options: ServerOptions;
  readonly #turnedAway: Outcome;
  #freeAt = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#turnedAway = options.overload === 'unavailable' ? unavailable : rateLimited(options.retryAfterS);
  }

  isRefusing(nowMs: number): boolean {
    return this.#options.outage?.kind === 'refused' && this.#isAway(nowMs);
  }

  /** What becomes of an exchange that arrives now. */
  take(nowMs: number): ServerAnswer {
    if (this.#isAway(nowMs)) return { outcome: unavailable, afterMs: roundTripMs };
    const beginsAt = Math.max(this.#freeAt, nowMs);
    if (beginsAt - nowMs > queueMs) return { outcome: this.#turnedAway, afterMs: roundTripMs };
    this.#freeAt = beginsAt + 1_000 / this.#options.capacity;
    return { outcome: null, afterMs: roundTripMs + this.#freeAt - nowMs };
  }

  #isAway(nowMs: number): boolean {
    const { outage } = this.#options;
    return outage !== null && nowMs >= outage.fromMs && nowMs < outage.untilMs;
  }
}

/** By the real reading of answers: a 5xx says nothing about the secret. */
const unavailable = interpret({
  kind: 'http',
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<h1>503 Service Unavailable</h1>'),
  complete: true,
});

function rateLimited(retryAfterS: number): Outcome {
  const headers = { 'retry-after': String(retryAfterS) };
  return interpret({ kind: 'http', status: 429, headers, body: new Uint8Array(), complete: true });
}
