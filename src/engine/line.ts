import type { Attempt } from '../domain/journal-entry.ts';
import type { Answer } from '../domain/outcome.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { ExchangeConnection } from '../ports/provider.ts';

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
    const cancel = this.#clock.after(attempt.deadlineMs, () =>
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

  async close(): Promise<void> {
    const closing = this.#connection;
    this.#connection = null;
    // A connection that cannot be closed in order is gone all the same.
    await closing?.close().catch(() => {});
  }
}
