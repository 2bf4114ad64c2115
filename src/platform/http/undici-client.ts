import type { Socket } from 'node:net';
import type { Client } from 'undici';

/** How long to wait for each part of an exchange, in milliseconds. undici is within half a second of the last two. */
export interface HttpTimeouts {
  /** For name resolution, TCP, proxy and TLS together. */
  readonly connectMs: number;
  /** From the request to the end of the answer's headers. */
  readonly headersMs: number;
  /** Between two pieces of the body. */
  readonly bodyMs: number;
}

/**
 * undici's HTTP/1.1 client over one socket that is ready. It gets no second one: undici would otherwise connect anew in
 * some failures, and an exchange must never be sent twice. Loaded at the first use, as a restart with a valid session
 * needs no HTTP at all.
 */
export async function clientOver(socket: Socket, origin: string, timeouts: HttpTimeouts): Promise<Client> {
  const { default: UndiciClient } = await import('undici/lib/dispatcher/client.js');
  let given = false;
  return new UndiciClient(origin, {
    allowH2: false,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    connect: (_options, callback) => {
      const first = !given;
      given = true;
      // undici counts on an answer after its own call has returned.
      queueMicrotask(() =>
        first ? callback(null, socket) : callback(new Error('the connection is used up'), null),
      );
    },
  });
}
