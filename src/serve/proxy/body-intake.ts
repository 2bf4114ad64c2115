import type { IncomingMessage } from 'node:http';
import type { Spool } from './spool.ts';
import type { UpstreamRequest } from './upstream-request.ts';

/** The client sent more than `max_body`. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Reads the body of a request once, keeps it in the spool, and passes it on to the server for as long as that takes it. Where
 * the server has answered before the end, the rest is still read: a client mostly looks for its answer only afterwards.
 */
export class BodyIntake {
  /** Resolves when the body has been read to its end; rejects with {@link BodyTooLarge}, or Node's error where the client has gone. */
  readonly ended: Promise<void>;
  #sink: UpstreamRequest | null;
  #keeps = true;

  constructor(request: IncomingMessage, sink: UpstreamRequest, { spool, maxBytes }: IntakeParts) {
    this.#sink = sink;
    this.ended = this.#read(request, spool, maxBytes);
    // Whoever does not wait for the end is told by the other side.
    this.ended.catch(() => {});
  }

  /** The server takes no more. */
  stopSending(): void {
    this.#sink = null;
  }

  /** Nobody will ask for the body again. */
  stopKeeping(): void {
    this.#keeps = false;
  }

  async #read(request: IncomingMessage, spool: Spool, maxBytes: number): Promise<void> {
    let size = 0;
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += piece.byteLength;
      if (size > maxBytes) throw new BodyTooLarge();
      const kept = this.#keeps ? spool.append(piece) : null;
      if (kept !== null) await kept;
      if (this.#sink !== null) await this.#sink.send(piece);
    }
    // Node ends the stream of a request that broke off as if it were whole.
    if (!request.complete) throw new Error('the client has gone');
    this.#sink?.end();
  }
}

interface IntakeParts {
  readonly spool: Spool;
  readonly maxBytes: number;
}
