import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../../ports/clock.ts';

/** Why a server gave no answer to a request that it may have begun to read. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** Whether there was a connection. */
  readonly connected: boolean;

  constructor(cause: unknown, connected: boolean) {
    super('the server gave no answer', { cause });
    this.connected = connected;
  }
}

/**
 * Resolves to the head of the server's answer, whenever it comes; rejects with {@link NoAnswer}. From the end of the request on
 * the server has `deadlineMs` milliseconds for it, and as long for each further piece.
 */
export function answerOf(
  upstream: ClientRequest,
  { clock, deadlineMs }: { readonly clock: Clock; readonly deadlineMs: number },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let connected = false;
    let timer: (() => void) | null = null;
    const cancel = () => timer?.();
    const late = () => upstream.destroy(new Error('the deadline is over'));
    upstream.once('socket', () => (connected = true));
    upstream.once('finish', () => {
      timer = clock.after(deadlineMs, late);
    });
    upstream.once('response', (answer) => {
      cancel();
      upstream.setTimeout(deadlineMs, late);
      resolve(answer);
    });
    // It stays for good: what goes wrong after the answer is seen where the answer is read.
    upstream.on('error', (error) => {
      cancel();
      reject(new NoAnswer(error, connected));
    });
    // A request that is given up before it has a socket may close without an error.
    upstream.once('close', () => {
      cancel();
      reject(new NoAnswer(new Error('closed'), connected));
    });
  });
}

/** Lets go of an answer that nobody is to see; the connection can be used again where the request was sent to its end. */
export function discard(upstream: ClientRequest, answer: IncomingMessage): void {
  answer.on('error', () => {});
  if (upstream.writableFinished) answer.resume();
  else upstream.destroy();
}

/** Milliseconds for which a server may think about whether it wants a body; many do not know the question (RFC 9110 §10.1.1). */
const thinkingMs = 1_000;

/** Sends the head, and resolves when the server wants the body, has answered, has gone, or says nothing. Never rejects. */
export function wanted(upstream: ClientRequest, clock: Clock): Promise<void> {
  upstream.flushHeaders();
  return new Promise((resolve) => {
    const cancel = clock.after(thinkingMs, resolve);
    for (const event of ['continue', 'response', 'close'] as const) {
      upstream.once(event, () => {
        cancel();
        resolve();
      });
    }
  });
}
