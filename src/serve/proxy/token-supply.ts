import type { Token } from '../../domain/token.ts';
import type { Agent } from '../../ports/agent.ts';
import type { Clock } from '../../ports/clock.ts';

/** The tokens of one agent for the requests of one proxy, and the wait for the next one, which all of them share. */

export interface TokenSupplyParts {
  /** The agent of now; null where a reload took it away. */
  readonly agent: () => Agent | null;
  readonly clock: Clock;
  /** Milliseconds that a request is kept waiting for a token. */
  readonly patienceMs: number;
}

/** Milliseconds for which nobody waits again where a wait brought nothing: a server that rejects for good must not hold up every request. */
const givenUpMs = 5_000;

/** Shippers hold back their batches for so long at most, milliseconds: a new secret may be there at any time. */
const mostRetryAfterMs = 10_000;

/** Stands for "no token" where tokens are counted. */
const none = 0;

export class TokenSupply {
  readonly #parts: TokenSupplyParts;
  /** By the sequence of the token that is not wanted any more. */
  readonly #waits = new Map<number, Promise<void>>();
  #givenUp: { readonly sequence: number; readonly untilMs: number } | null = null;

  constructor(parts: TokenSupplyParts) {
    this.#parts = parts;
  }

  /** The token of now, or the first one within the patience; null where there is none. */
  async current(): Promise<Token | null> {
    return this.#tokenOtherThan(none) ?? (await this.#wait(none));
  }

  /** The server rejected this one: asks for another, once for all who were rejected with it. null where none comes in time. */
  async after({ sequence, fingerprint }: Token): Promise<Token | null> {
    const other = this.#tokenOtherThan(sequence);
    if (other !== null) return other;
    if (!this.#waits.has(sequence) && !this.#hasGivenUp(sequence))
      this.#parts.agent()?.report({ fingerprint, certain: false });
    return this.#wait(sequence);
  }

  /** Says that the server rejects this one as well; nobody waits for what comes of it. */
  report({ fingerprint }: Token): void {
    this.#parts.agent()?.report({ fingerprint, certain: false });
  }

  /** Milliseconds after which a client may try again where there is no token. */
  retryAfterMs(): number {
    return Math.min(this.#parts.agent()?.retryAfterMs() ?? givenUpMs, mostRetryAfterMs);
  }

  async #wait(sequence: number): Promise<Token | null> {
    const agent = this.#parts.agent();
    if (agent === null || this.#hasGivenUp(sequence)) return null;
    const known = this.#waits.get(sequence);
    const wait = known ?? this.#begin(agent, sequence);
    this.#waits.set(sequence, wait);
    await wait;
    return this.#tokenOtherThan(sequence);
  }

  #begin(agent: Agent, sequence: number): Promise<void> {
    const { clock, patienceMs } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      cancel();
      unsubscribe();
      agent.ended.removeEventListener('abort', end);
      this.#waits.delete(sequence);
      resolve();
    };
    const look = (): void => {
      if (this.#tokenOtherThan(sequence) !== null) end();
    };
    const cancel = clock.after(patienceMs, () => {
      this.#givenUp = { sequence, untilMs: clock.now().bootMs + givenUpMs };
      end();
    });
    const unsubscribe = agent.subscribe(look);
    agent.ended.addEventListener('abort', end);
    // What came between the question and the subscription is not told.
    if (agent.ended.aborted) end();
    else queueMicrotask(look);
    return promise;
  }

  #tokenOtherThan(sequence: number): Token | null {
    const token = this.#parts.agent()?.token() ?? null;
    return token === null || token.sequence === sequence ? null : token;
  }

  #hasGivenUp(sequence: number): boolean {
    const { clock } = this.#parts;
    return this.#givenUp?.sequence === sequence && clock.now().bootMs < this.#givenUp.untilMs;
  }
}
