import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { noteSource } from './witness.ts';

/**
 * Notes every answer that `node:http` receives over a Unix socket in this process, whoever asked: no test can forget to.
 * https://nodejs.org/api/diagnostics_channel.html#http
 */
export function watchHttp(): void {
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (isOverSocket(request) && !(unwatchedHeader in response.headers)) note(request, response);
  });
}

function isOverSocket(request: ClientRequest): boolean {
  return typeof (request as { socketPath?: unknown }).socketPath === 'string';
}

/** In the answers of what a test puts in the daemon's place; fakes of the daemon note theirs themselves. */
export const unwatchedHeader = 'x-unwatched';

function note(request: ClientRequest, response: IncomingMessage): void {
  const chunks: Buffer[] = [];
  const push = response.push.bind(response);
  // Looks on: a listener of our own would set the stream flowing before its reader is there.
  response.push = (chunk: unknown, encoding) => {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    return push(chunk, encoding);
  };
  noteSource(() => [
    {
      method: request.method,
      target: request.path,
      status: response.statusCode ?? 0,
      headers: response.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString('utf8'),
      whole: response.complete,
    },
  ]);
}
