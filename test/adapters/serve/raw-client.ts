import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { exchangesIn } from '../../support/api/response-text.ts';
import { noteSource } from '../../support/api/witness.ts';
import { eventually } from '../../support/eventually.ts';

/** A client that says exactly what it is told to, byte by byte, and keeps all that comes back. */
export class RawClient implements Disposable {
  received = '';
  ended = false;
  readonly #socket;
  #sent = '';
  #all = '';

  constructor(path: string) {
    this.#socket = connect({ path, allowHalfOpen: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => {
      this.received += chunk;
      this.#all += chunk;
    });
    noteSource(() => exchangesIn(this.#sent, this.#all));
    this.#socket.on('end', () => (this.ended = true));
    // To be cut off is what some tests are about.
    this.#socket.on('error', () => (this.ended = true));
  }

  /** Resolves when the other end, in this same process, has had its turn to read: what is sent next comes to it apart. */
  async send(text: string): Promise<void> {
    this.#sent += text;
    this.#socket.write(text, 'latin1');
    await setImmediate();
    await setImmediate();
  }

  /** Says that nothing more will come. */
  finish(): void {
    this.#socket.end();
  }

  /** Stops reading, as a stuck client does. */
  stall(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Takes what has come when it holds `count` whole responses with bodies of a known length. */
  responses(count: number): Promise<string> {
    return eventually(() => {
      if (countResponses(this.received) < count)
        throw new Error(`not yet ${count} responses: ${this.received}`);
      const text = this.received;
      this.received = '';
      return text;
    });
  }

  untilEnded(): Promise<string> {
    return eventually(() => {
      if (!this.ended) throw new Error(`still open: ${this.received}`);
      return this.received;
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function countResponses(text: string): number {
  let count = 0;
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return count;
    const length = Number(/^content-length: (\d+)$/im.exec(rest.slice(0, end))?.[1] ?? 0);
    if (rest.length < end + 4 + length) return count;
    rest = rest.slice(end + 4 + length);
    count += 1;
  }
}
