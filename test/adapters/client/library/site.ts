import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTokenClient } from '../../../../src/client/library/client.ts';
import type { TokenClient } from '../../../../src/client/library/declaration.ts';
import type { UnixListener } from '../../../../src/serve/listeners.ts';
import { Serving } from '../../serve/serving.ts';

/** A daemon with one agent, a client of it, and log servers that take one token only. */
export class Site implements AsyncDisposable {
  readonly daemon = new Serving();
  readonly agent = this.daemon.agent();
  readonly client: TokenClient;
  readonly #servers: LogServer[] = [];

  private constructor() {
    const { clock } = this.daemon;
    this.client = createTokenClient({
      socketPath: this.daemon.path,
      agent: 'web-01',
      random: () => 0,
      clock: {
        monotonicMs: () => clock.now().bootMs,
        wallMs: () => clock.now().wallMs,
        // the tests move the daemon's time; what the client pauses is the machine's
        sleep: (_, signal) =>
          new Promise((resolve, reject) => {
            setTimeout(resolve, 5);
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          }),
      },
    });
  }

  /** The daemon's listener, in its newest life. */
  listener!: UnixListener;

  async listen(): Promise<void> {
    this.listener = await this.daemon.listen();
  }

  static async begin(): Promise<Site> {
    const site = new Site();
    site.agent.publish('first');
    await site.listen();
    return site;
  }

  async server(accepted: string): Promise<LogServer> {
    const server = new LogServer(accepted);
    this.#servers.push(server);
    await server.listen();
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    for (const server of this.#servers) server.close();
    await this.daemon[Symbol.asyncDispose]();
  }
}

export class LogServer {
  accepted: string;
  /** Where it sends those whom it knows; null: it answers them itself. */
  redirectsTo: string | null = null;
  /** Of each request: what it was authorized with, and its body. */
  readonly seen: { readonly token: string | undefined; readonly body: string }[] = [];
  readonly #server: Server;

  constructor(accepted: string) {
    this.accepted = accepted;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { authorization, 'x-auth-token': bare } = request.headers;
    this.seen.push({ token: authorization ?? bare?.toString(), body });
    const isAccepted = authorization === `Bearer ${this.accepted}` || bare === this.accepted;
    if (isAccepted && this.redirectsTo !== null) {
      response.writeHead(307, { location: this.redirectsTo }).end();
      return;
    }
    response.writeHead(isAccepted ? 200 : 401, { 'content-type': 'text/plain' });
    response.end(isAccepted ? 'taken' : 'token refused');
  }

  async listen(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
