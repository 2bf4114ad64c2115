import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What arrived of one request. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server of this process that takes what is posted to it, or does as it is told. */
export class AlertReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Of each answer; null = none. */
  status: number | null = 200;
  headers: Readonly<Record<string, string>> = {};
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listening(port = 0): Promise<AlertReceiver> {
    const server = createServer();
    const receiver = new AlertReceiver(server);
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        const { method = '', url = '', headers } = request;
        receiver.received.push({ method, path: url, headers, body });
        if (receiver.status === null) return request.socket.destroy();
        return response.writeHead(receiver.status, receiver.headers).end('{}');
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The bodies so far. */
  get bodies(): readonly Record<string, unknown>[] {
    return this.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Whether who sent it has this key, by the recipe of docs/alerts.md. */
export function isSigned({ headers, body }: Received, key: string): boolean {
  const signed = `${String(headers['x-tokenward-timestamp'])}.${body}`;
  return headers['x-tokenward-signature'] === `v1=${createHmac('sha256', key).update(signed).digest('hex')}`;
}
