import { Agent, type ClientRequest, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { connectFailure, type NotSent } from './connect-failure.ts';
import { createServerConnector, type ServerConnector, type ServerOptions } from './server-connector.ts';

/**
 * Requests of others on their way to one server: streamed, over connections that are kept. Unlike `HttpClient` it does not
 * promise to know whether a request has left, and it repeats none.
 */
export interface Upstream {
  /** What the server expects as Host. */
  readonly host: string;
  /** Begins a request. `target` is a path with its query; headers are names and values in turn, Host and framing among them. */
  request(method: string, target: string, headers: readonly string[]): ClientRequest;
  /** In words, why there was no connection; `error` is what the request's `error` event gave. */
  connectFailure(error: unknown): NotSent;
  /** Ends the connections, also those in use. */
  close(): void;
}

export interface UpstreamOptions extends ServerOptions {
  /** Connections at one time; further requests wait for one. */
  readonly connections: number;
}

/** Milliseconds after which a connection that nobody uses is closed. Most servers keep theirs longer, so that few close first. */
const idleMs = 4_000;

/** Throws as `createServerConnector`. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { tls, timeouts, connections } = options;
  const server = createServerConnector(options);
  const { endpoint, basePath, host } = server;
  const agent = new KeptConnections(server, { connections, connectMs: timeouts.connectMs });
  return {
    host,
    request: (method, target, headers) =>
      httpRequest({
        agent,
        method,
        host: endpoint.host,
        port: endpoint.port,
        path: basePath + target,
        // Node's types ask for a mutable array; it only reads.
        headers: headers as string[],
      }),
    connectFailure: (error) =>
      connectFailure(error, { server: endpoint, tls, connectMs: timeouts.connectMs }),
    close: () => agent.destroy(),
  };
}

/** Node's own pool, with connections that are opened as those of exchanges are: through a proxy, and by the rules of `tls`. */
class KeptConnections extends Agent {
  readonly #server: ServerConnector;
  readonly #connectMs: number;

  constructor(
    server: ServerConnector,
    { connections, connectMs }: { readonly connections: number; readonly connectMs: number },
  ) {
    super({
      keepAlive: true,
      maxSockets: connections,
      maxFreeSockets: connections,
      timeout: idleMs,
      scheduling: 'lifo',
    });
    this.#server = server;
    this.#connectMs = connectMs;
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    void this.#open(
      callback as ((...result: readonly [Error] | readonly [null, Duplex]) => void) | undefined,
    );
  }

  async #open(
    told: ((...result: readonly [Error] | readonly [null, Duplex]) => void) | undefined,
  ): Promise<void> {
    let socket: Duplex;
    try {
      socket = await this.#server.open(AbortSignal.timeout(this.#connectMs));
    } catch (error) {
      told?.(error as Error);
      return;
    }
    told?.(null, socket);
  }
}
