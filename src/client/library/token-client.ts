import { TokenwardClientError } from './client-error.ts';
import { isFinal, livesLongEnough, pauseMs } from './decisions.ts';
import type {
  AccessToken,
  ClientClock,
  GetTokenOptions,
  InterceptorOptions,
  RejectionStatus,
  TokenClient,
  TokenInterceptor,
} from './declaration.ts';
import { interceptor } from './interceptor.ts';
import { LocalApi } from './local-api.ts';

export interface TokenClientParts {
  readonly socketPath: string;
  readonly agent: string | null;
  readonly marginMs: number;
  readonly clock: ClientClock;
  readonly random: () => number;
}

/** How long a request for the next token waits before it is sent anew, milliseconds. */
const rotationWaitMs = 60_000;
/** How long a fruitless wait is taken for an answer to later rejections of the same token, milliseconds. */
const fruitlessMs = 60_000;

interface Replacement {
  readonly sequence: number;
  readonly token: Promise<AccessToken | null>;
  readonly untilMs: number;
}

/** The declaration says what it does. */
export class SocketTokenClient implements TokenClient {
  readonly #parts: TokenClientParts;
  readonly #api: LocalApi;
  readonly #end = new AbortController();
  /** Requests under way, by the life that they ask for. */
  readonly #asked = new Map<number, Promise<AccessToken>>();
  #kept: AccessToken | null = null;
  #replacement: Replacement | null = null;

  constructor(parts: TokenClientParts) {
    this.#parts = parts;
    this.#api = new LocalApi(parts.socketPath, parts.agent, parts.clock);
  }

  async getToken({ minTtlMs = 0, signal }: GetTokenOptions = {}): Promise<AccessToken> {
    signal?.throwIfAborted();
    this.#mustBeOpen();
    const kept = this.#kept;
    if (kept !== null && livesLongEnough(kept, minTtlMs, this.#parts.marginMs)) return kept;
    return unlessAborted(this.#ask(minTtlMs), signal);
  }

  rotations({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<
    AccessToken,
    undefined
  > {
    const left = new AbortController();
    const end = AbortSignal.any([left.signal, this.#end.signal, ...(signal === undefined ? [] : [signal])]);
    const tokens = this.#follow(end);
    return {
      next: () => tokens.next(),
      return: () => {
        // a generator would hear of it only when its request is over
        left.abort();
        return tokens.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async reportRejection(token: AccessToken, status: RejectionStatus): Promise<void> {
    this.#mustBeOpen();
    if (this.#kept?.sequence === token.sequence) this.#kept = null;
    await this.#whileOpen(this.#api.reject(token, status, this.#end.signal));
  }

  interceptor(options: InterceptorOptions): TokenInterceptor {
    return interceptor(options, {
      getToken: () => this.getToken(),
      report: (token, status) => this.reportRejection(token, status),
      replace: (token, status, waitMs) => this.#replace(token, status, waitMs),
    });
  }

  async close(): Promise<void> {
    this.#kept = null;
    this.#end.abort();
    await Promise.allSettled(this.#asked.values());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ask(minTtlMs: number): Promise<AccessToken> {
    const asked = this.#asked.get(minTtlMs);
    if (asked !== undefined) return asked;
    const asking = this.#whileOpen(this.#api.token(minTtlMs, this.#end.signal))
      .then((token) => this.#keep(token))
      .finally(() => this.#asked.delete(minTtlMs));
    this.#asked.set(minTtlMs, asking);
    return asking;
  }

  #keep(token: AccessToken): AccessToken {
    if (!this.#end.signal.aborted) this.#kept = token;
    return token;
  }

  async *#follow(end: AbortSignal): AsyncGenerator<AccessToken, undefined> {
    let sequence = 0;
    let failures = 0;
    while (!end.aborted) {
      try {
        const token = await this.#api.another(sequence, rotationWaitMs, end);
        failures = 0;
        if (token === null || end.aborted) continue;
        sequence = token.sequence;
        this.#keep(token);
        yield token;
      } catch (error) {
        if (end.aborted) return;
        if (isFinal(error, sequence > 0)) throw error;
        failures += 1;
        await this.#pause(failures, error, end);
      }
    }
  }

  async #pause(failures: number, error: unknown, end: AbortSignal): Promise<void> {
    const retryAfterMs = error instanceof TokenwardClientError ? error.retryAfterMs : null;
    const { clock, random } = this.#parts;
    await clock.sleep(pauseMs(failures, retryAfterMs, random()), end).catch(() => {}); // the loop looks at the signal
  }

  /** One report and one wait for all whom the server refused with the same token; null where no other one came in time. */
  #replace(token: AccessToken, status: RejectionStatus, waitMs: number): Promise<AccessToken | null> {
    const { sequence } = token;
    const known = this.#replacement;
    const nowMs = this.#parts.clock.monotonicMs();
    if (known?.sequence === sequence && nowMs < known.untilMs) return known.token;
    const replaced = this.#reportAndWait(token, status, waitMs);
    this.#replacement = { sequence, token: replaced, untilMs: nowMs + waitMs + fruitlessMs };
    return replaced;
  }

  async #reportAndWait(
    token: AccessToken,
    status: RejectionStatus,
    waitMs: number,
  ): Promise<AccessToken | null> {
    try {
      await this.reportRejection(token, status);
      const newer = await this.#api.another(token.sequence, waitMs, this.#end.signal);
      return newer === null ? null : this.#keep(newer);
    } catch {
      this.#replacement = null; // it was no wait in vain: the next rejection is reported anew
      return null; // the server's own answer tells more than a daemon that is away
    }
  }

  /** What the end of the client interrupts fails with its own code. */
  async #whileOpen<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#mustBeOpen();
      throw error;
    }
  }

  #mustBeOpen(): void {
    if (this.#end.signal.aborted)
      throw new TokenwardClientError('CLIENT_CLOSED', 'the token client was closed');
  }
}

/** The work goes on for the others who share it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  return promise;
}
