import { type TokenwardError, asTokenwardError } from '../domain/errors.ts';
import { backoffMs } from '../domain/schedule.ts';
import type { Token } from '../domain/token.ts';
import type { Clock } from '../ports/clock.ts';
import type { Output } from '../ports/output.ts';
import type { Random } from '../ports/random.ts';

const longestPauseMs = 60_000;

export interface RetryParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Gives up whatever is under way. */
  readonly signal: AbortSignal;
  /** Told when the output begins to fail, and again when it fails in another way. */
  readonly onFailed: (output: string, error: TokenwardError) => void;
  /** Told when a failing output works again. */
  readonly onWorking: (output: string) => void;
  /** Told whenever the newest token was published, or published already. */
  readonly onPublished?: (token: Token) => void;
}

/** One output with its retries: it is brought to the newest token, or rid of it, however long that takes. */
export class RetriedOutput {
  readonly #output: Output;
  readonly #parts: RetryParts;
  /** null: nobody wants anything of it, or it is withdrawn already. */
  #wanted: Token | 'withdrawn' | null = null;
  #closed = false;
  #attempts = 0;
  #failures = 0;
  #reported: string | null = null;
  #cancelRetry: () => void = () => undefined;

  constructor(output: Output, parts: RetryParts) {
    this.#output = output;
    this.#parts = parts;
  }

  /** Resolves to whether the first try succeeded; later tries go on by themselves. Never rejects. */
  async publish(token: Token): Promise<boolean> {
    this.#wanted = token;
    return this.recheck();
  }

  /**
   * Resolves to whether the first try succeeded. When it has, the place is left to itself until there is another token: what others
   * put there is theirs. Never rejects.
   */
  async withdraw(): Promise<boolean> {
    this.#wanted = 'withdrawn';
    return this.recheck();
  }

  /** Publishes the newest token again, now, which finds and mends whatever happened to the place. Never rejects. */
  async recheck(): Promise<boolean> {
    if (this.#wanted === null || this.#closed) return true;
    this.#cancelRetry();
    const wanted = this.#wanted;
    const attempt = ++this.#attempts;
    const failure = await this.#try(wanted);
    // A newer attempt judges in place of this one, whose result is history.
    if (attempt === this.#attempts && !this.#closed) this.#judge(failure);
    if (failure === null && wanted !== 'withdrawn' && this.#wanted === wanted && !this.#closed)
      this.#parts.onPublished?.(wanted);
    if (failure === null && wanted === 'withdrawn' && this.#wanted === wanted) this.#wanted = null;
    return failure === null;
  }

  /** Ends the retries and resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    await this.#output.close();
  }

  async #try(wanted: Token | 'withdrawn'): Promise<TokenwardError | null> {
    const { signal } = this.#parts;
    try {
      await (wanted === 'withdrawn' ? this.#output.withdraw(signal) : this.#output.publish(wanted, signal));
      return null;
    } catch (error) {
      return asTokenwardError(error);
    }
  }

  #judge(failure: TokenwardError | null): void {
    const { clock, random, onFailed, onWorking } = this.#parts;
    if (failure === null) {
      this.#failures = 0;
      if (this.#reported !== null) onWorking(this.#output.name);
      this.#reported = null;
      return;
    }
    this.#failures += 1;
    if (this.#reported !== failure.message) onFailed(this.#output.name, failure);
    this.#reported = failure.message;
    this.#cancelRetry = clock.after(
      backoffMs(this.#failures, longestPauseMs, random.fraction()),
      () => void this.recheck(),
    );
  }
}
