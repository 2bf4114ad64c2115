import type { Attempt } from '../domain/journal-entry.ts';
import type { Answer } from '../domain/outcome.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { ExchangeConnection } from '../ports/provider.ts';

/**
 * The last milliseconds before a deadline have a timer of their own: where the first one comes late, an answer may lie unread,
 * and there is still time to read it. A secret must not be thrown away for that.
 */
const lastLookMs = 200;
/** A timer that comes so many milliseconds late tells that this process was stopped, or that its host slept. */
const sleptMs = 500;

/** The connection that was prepared for the next exchange, if any. It serves one and is gone. */
export class Line {
  readonly #clock: Clock;
  #connection: ExchangeConnection | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  prepared(connection: ExchangeConnection): void {
    this.#connection = connection;
  }

  /** Sends once and gives up at the attempt's deadline. Never rejects. */
  async exchange(attempt: Attempt, secret: Secret): Promise<Answer> {
    const connection = this.#connection;
    if (connection === null)
      return { kind: 'not-sent', code: 'INTERNAL', reason: 'no connection was prepared' };
    const deadline = new AbortController();
    const cancel = this.#afterAwake(attempt.deadlineMs, () =>
      deadline.abort(new DOMException('no answer in time', 'TimeoutError')),
    );
    // The port promises not to reject; should it ever, then after sending, and nobody knows how the attempt ended.
    const answer = await connection
      .exchange(secret, attempt.ttlMs, deadline.signal)
      .catch((): Answer => ({ kind: 'unanswered', reason: 'protocol' }));
    cancel();
    // Closing is not part of the answer: saving it must not wait for the other side.
    void this.close();
    return answer;
  }

  /**
   * Calls `run` when so many milliseconds are over. A sleep begins them anew: an answer that was sent meanwhile may come only
   * after it, when the server's host sends it again.
   */
  #afterAwake(delayMs: number, run: () => void): () => void {
    let cancel: (() => void) | undefined;
    const wait = (ms: number, next: () => void): void => {
      const dueMs = this.#clock.now().bootMs + ms;
      cancel = this.#clock.after(ms, () => (this.#clock.now().bootMs - dueMs > sleptMs ? begin() : next()));
    };
    const begin = (): void => wait(delayMs - lastLookMs, () => wait(lastLookMs, run));
    begin();
    return () => cancel?.();
  }

  async close(): Promise<void> {
    const closing = this.#connection;
    this.#connection = null;
    // A connection that cannot be closed in order is gone all the same.
    await closing?.close().catch(() => {});
  }
}
