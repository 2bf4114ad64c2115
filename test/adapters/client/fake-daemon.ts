import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Exchange } from '../../support/api/exchange.ts';
import { unwatchedHeader } from '../../support/api/http-watch.ts';
import { noteAnswer } from '../../support/api/witness.ts';

/**
 * A daemon that answers what a test says, and remembers what it was asked. Its answers are held to the description of the API
 * like the daemon's own, unless the reply says in what it deviates.
 */

export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Why it is not as the daemon answers; then nothing holds it to that. */
  readonly deviates?: string;
}

/** `cut` closes the connection instead of answering; `silence` never answers. */
export type FakeReply = FakeAnswer | 'cut' | 'silence';

/** `number` counts the requests from 1. */
type Answer = (request: SeenRequest, number: number) => FakeReply;

export class FakeDaemon implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;

  private constructor(answer: Answer) {
    this.#server = createServer((request, response) => void this.#serve(request, response, answer));
  }

  async #serve(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    const seen = { method, target, contentType: headers['content-type'], body: await text(request) };
    this.requests.push(seen);
    const reply = answer(seen, this.requests.length);
    if (reply === 'cut') request.socket.destroy();
    if (reply === 'cut' || reply === 'silence') return;
    const sent = asSent(reply);
    if (reply.deviates === undefined) noteAnswer({ method, target, whole: true, ...sent });
    response.writeHead(sent.status, { ...sent.headers, [unwatchedHeader]: 'noted here' });
    response.end(sent.body);
  }

  static async listen(socketPath: string, answer: Answer): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(answer);
    daemon.#server.listen(socketPath);
    await once(daemon.#server, 'listening');
    return daemon;
  }

  /** May be called before the end of a test too. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function asSent({ status, body }: FakeAnswer): Pick<Exchange, 'status' | 'headers' | 'body'> {
  const fields = typeof body === 'object' ? (body as Readonly<Record<string, unknown>> | null) : null;
  const { sequence, retry_after: retryAfter } = fields ?? {};
  return {
    status,
    headers: {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      'cache-control': 'no-store',
      ...(typeof sequence === 'number' && status === 200 && { etag: `"${sequence}"` }),
      ...(typeof retryAfter === 'number' && { 'retry-after': String(retryAfter) }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** An answer of `GET /v1/agents/{agent}`. */
export function statusAnswer(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    agent: 'web-01',
    provider: 'vcf-logs',
    state: 'active',
    token: {
      status: 'valid',
      sequence: 4,
      fingerprint: null,
      expires_at: '2027-01-01T00:30:00Z',
      expires_in: 1799,
    },
    secret: { status: 'held', generation: 3, store: 'file', persisted: true },
    next_refresh_at: null,
    last_exchange: null,
    alerts: [],
    ...changes,
  };
}

/** A problem document as the daemon writes it. */
export function problem(
  status: number,
  code: string,
  more: Readonly<Record<string, unknown>> = {},
): FakeAnswer {
  return {
    status,
    body: {
      type: `urn:tokenward:error:${code}`,
      title: code.toLowerCase().replaceAll('_', ' '),
      status,
      detail: `told: ${code}`,
      code,
      ...more,
    },
  };
}
