import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createHttpClient } from '../../../src/platform/http/client.ts';
import type { HttpClient } from '../../../src/platform/http/client.ts';

/** A server of this host that answers what a test says, and notes what it was asked. */

export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface AdminReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON of it, unless it is a text. */
  readonly body?: unknown;
}

/** `cut` closes the connection instead of answering, `silence` never answers. `number` counts from 1. */
export type AdminAnswer = (request: AdminRequest, number: number) => AdminReply | 'cut' | 'silence';

export interface AdminServer extends AsyncDisposable {
  readonly url: string;
  readonly http: HttpClient;
  readonly requests: readonly AdminRequest[];
}

export async function startAdminServer(answer: AdminAnswer): Promise<AdminServer> {
  const requests: AdminRequest[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body: await text(request) };
    const reply = answer(seen, requests.push(seen));
    if (reply === 'cut') request.socket.destroy();
    if (reply === 'cut' || reply === 'silence') return;
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const timeouts = { connectMs: 5_000, headersMs: 5_000, bodyMs: 5_000 };
  return {
    url,
    http: createHttpClient({ url, tls: {}, env: {}, timeouts }),
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
