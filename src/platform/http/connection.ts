import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from 'undici';
import type { Answer } from '../../domain/outcome.ts';
import { collectAnswer } from './answer-collector.ts';
import { unreachable } from './connect-failure.ts';

/** One request. `path` begins with a slash and is encoded; header names are lower case. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  /** How much of the answer's body is read, in bytes; 64 KiB by default. */
  readonly maxBodyBytes?: number;
}

/** The answer to an exchange is under 4 KiB, and the journal must be able to take all of it. */
const exchangeBodyBytes = 64 * 1024;

/** An open connection, good for one request. */
export interface HttpConnection {
  /**
   * Sends the request once: no retry, no redirect, and a limit to how much of the body is read. Never rejects. The answer
   * is `not-sent` only where no byte of the request was written. Uses up the connection, whatever the answer.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

interface ConnectionParts {
  readonly socket: Socket;
  readonly client: Client;
  /** Stands before the path of every request; mostly empty. */
  readonly basePath: string;
  /** Host and port, for messages. */
  readonly server: string;
}

export function createConnection({ socket, client, basePath, server }: ConnectionParts): HttpConnection {
  async function close(): Promise<void> {
    await client.destroy();
    socket.destroy();
  }

  async function request(wanted: HttpRequest, signal: AbortSignal): Promise<Answer> {
    try {
      // The first waits for the end of this turn of the event loop, the second lasts for a whole one, in which a close that
      // has arrived is seen.
      await nextTurn();
      await nextTurn();
      const obstacle = whyUnusable(socket, signal);
      return obstacle === null
        ? await send(client, { ...wanted, path: basePath + wanted.path }, server, signal)
        : unreachable(`${server} ${obstacle}`);
    } finally {
      await close();
    }
  }

  return { request, close };
}

function whyUnusable(socket: Socket, signal: AbortSignal): string | null {
  if (signal.aborted) return 'was not asked: the attempt was given up before the request was sent';
  if (socket.destroyed || socket.readableEnded || !socket.writable)
    return 'closed the connection before the request was sent: try again';
  if (socket.readableLength > 0)
    return 'spoke before the request was sent, as no HTTP server does: check url';
  return null;
}

async function send(
  client: Client,
  request: HttpRequest,
  server: string,
  signal: AbortSignal,
): Promise<Answer> {
  const giveUp = (): void => void client.destroy(new Error('given up'));
  signal.addEventListener('abort', giveUp);
  try {
    return await new Promise<Answer>((resolve) => {
      const { method, path, headers, body, maxBodyBytes = exchangeBodyBytes } = request;
      const handler = collectAnswer(maxBodyBytes, {
        answered: resolve,
        lost: (error) => resolve({ kind: 'unanswered', reason: lostReason(error, signal) }),
        neverSent: (error) =>
          resolve(unreachable(`the request to ${server} was not sent (${error.message})`)),
      });
      client.dispatch({ method, path, headers: { ...headers }, body, reset: true }, handler);
    });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function lostReason(
  error: Error & { readonly code?: string },
  signal: AbortSignal,
): Extract<Answer, { kind: 'unanswered' }>['reason'] {
  if (signal.aborted)
    return signal.reason instanceof Error && signal.reason.name === 'TimeoutError' ? 'timeout' : 'aborted';
  const code = error.code ?? '';
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout';
  return code === 'UND_ERR_HEADERS_OVERFLOW' || error.name === 'HTTPParserError' ? 'protocol' : 'reset';
}
