import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../../ports/clock.ts';

/**
 * Why a server gave no answer to a request. `unreached`: there was no connection; `broke-off`: it ended before the whole request
 * was written, so that the server cannot have taken it; `late`: the server was out of time; `lost`: anything else.
 */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly kind: 'unreached' | 'broke-off' | 'late' | 'lost';

  constructor(kind: NoAnswer['kind'], cause: unknown) {
    super('the server gave no answer', { cause });
    this.kind = kind;
  }
}

/** Milliseconds for which a server may think about whether it wants a body; many do not know the question (RFC 9110 §10.1.1). */
const thinkingMs = 1_000;

/**
 * One request to the server. Whenever it is for the server to go on, to take what was sent or to answer, it has `deadlineMs`
 * milliseconds for that. A client that sends slowly takes none of that time.
 */
export class UpstreamRequest {
  /** The head of the server's answer, whenever it comes. Rejects with {@link NoAnswer}; may be ignored. */
  readonly answer: Promise<IncomingMessage>;
  readonly #request: ClientRequest;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  #isConnected = false;
  #isAnswered = false;
  #isLate = false;
  #cancel: (() => void) | null = null;

  constructor(
    request: ClientRequest,
    { clock, deadlineMs }: { readonly clock: Clock; readonly deadlineMs: number },
  ) {
    this.#request = request;
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.answer = this.#watch();
    this.answer.catch(() => {});
  }

  /** Whether all of it has been written. */
  get isSent(): boolean {
    return this.#request.writableFinished;
  }

  /** Whether nothing more need be sent: the server has answered, or there is nobody. */
  get isOver(): boolean {
    return this.#isAnswered || this.#request.destroyed;
  }

  /** Resolves when more may be sent, or need not be. Never rejects. */
  async send(piece: Uint8Array): Promise<void> {
    if (this.isOver || this.#request.write(piece)) return;
    this.#serversTurn();
    await this.#first('drain', 'response', 'close');
    this.#turnOver();
  }

  /** The body is whole. */
  end(): void {
    this.#request.end();
    this.#serversTurn();
  }

  /** Sends the head, and resolves when the server wants the body, has answered, has gone, or says nothing. Never rejects. */
  async wanted(): Promise<void> {
    this.#request.flushHeaders();
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(thinkingMs, resolve);
    await Promise.race([promise, this.#first('continue', 'response', 'close')]);
    cancel();
  }

  /** Lets go of an answer that nobody is to see; the connection can be used again where the request was sent to its end. */
  discard(answer: IncomingMessage): void {
    answer.on('error', () => {});
    if (this.isSent) answer.resume();
    else this.destroy();
  }

  destroy(): void {
    this.#request.destroy();
  }

  #watch(): Promise<IncomingMessage> {
    const request = this.#request;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        this.#turnOver();
        reject(new NoAnswer(this.#whyNone(), error));
      };
      request.once('socket', () => (this.#isConnected = true));
      // From here on the server has all, and its time for the answer.
      request.once('finish', () => this.#serversTurn());
      request.once('response', (answer) => {
        this.#isAnswered = true;
        this.#turnOver();
        // For each further piece of the answer.
        request.setTimeout(this.#deadlineMs, () => this.destroy());
        resolve(answer);
      });
      // It stays for good: what goes wrong after the answer is seen where the answer is read.
      request.on('error', fail);
      // A request that is given up before it has a socket may close without an error.
      request.once('close', () => fail(new Error('closed')));
    });
  }

  #whyNone(): NoAnswer['kind'] {
    if (this.#isLate) return 'late';
    if (!this.#isConnected) return 'unreached';
    return this.isSent ? 'lost' : 'broke-off';
  }

  #serversTurn(): void {
    this.#turnOver();
    if (this.isOver) return;
    this.#cancel = this.#clock.after(this.#deadlineMs, () => {
      this.#isLate = true;
      this.#request.destroy(new Error('the deadline is over'));
    });
  }

  #turnOver(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  async #first(...events: readonly string[]): Promise<void> {
    const over = new AbortController();
    const { signal } = over;
    try {
      await Promise.race(events.map((event) => once(this.#request, event, { signal })));
    } catch {
      // What went wrong is told by the answer.
    } finally {
      over.abort();
    }
  }
}
