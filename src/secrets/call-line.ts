import { TokenwardError } from '../domain/errors.ts';

/**
 * A line in which calls to a store wait for each other. A place that hangs for one hangs for all, so whoever waits behind a
 * call that hung is told so at once.
 */
export class CallLine {
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  #busy = false;

  /** Rejects as the task does, with `STORE_HUNG` for one that hung ahead of it, and with the signal's reason. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await task();
    } catch (error) {
      if (error instanceof TokenwardError && error.code === 'STORE_HUNG') this.#dismiss(error);
      throw error;
    } finally {
      this.#callNext();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#busy) {
      this.#busy = true;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const leave = () => {
      this.#waiting.delete(turn);
      turn.reject(signal.reason);
    };
    this.#waiting.add(turn);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #callNext(): void {
    const [next] = this.#waiting;
    this.#busy = next !== undefined;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next.resolve();
  }

  #dismiss(error: TokenwardError): void {
    for (const turn of this.#waiting) turn.reject(error);
    this.#waiting.clear();
  }
}
