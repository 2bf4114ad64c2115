import type { Answer } from '../../domain/outcome.ts';
import { type NotSent, connectFailure, unreachable } from './connect-failure.ts';
import { type HttpConnection, type HttpRequest, createConnection } from './connection.ts';
import { createServerConnector, type ServerOptions } from './server-connector.ts';
import { clientOver } from './undici-client.ts';

/**
 * HTTP to one server, made to know whether a request has left this host. Each exchange has a connection of its own, which
 * is opened before there is a request, and used for one.
 */
export interface HttpClient {
  /** E.g. `https://logs.example.com`. */
  readonly origin: string;
  /** Resolves name, TCP, proxy and TLS. Never rejects. */
  connect(signal: AbortSignal): Promise<HttpConnection | NotSent>;
  /** {@link HttpClient.connect}, one request, close. Never rejects. */
  send(request: HttpRequest, signal: AbortSignal): Promise<Answer>;
}

export type HttpClientOptions = ServerOptions;

/** Throws `CONFIG_INVALID` for a file of `tls` that cannot be used, a broken HTTPS_PROXY, and plain http to another host. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { tls, timeouts } = options;
  const server = createServerConnector(options);
  const { origin, basePath, authority } = server;

  async function open(signal: AbortSignal): Promise<HttpConnection> {
    const socket = await server.open(signal);
    const client = await clientOver(socket, origin, timeouts);
    return createConnection({ socket, client, basePath, server: authority });
  }

  async function connect(signal: AbortSignal): Promise<HttpConnection | NotSent> {
    try {
      return await open(AbortSignal.any([signal, AbortSignal.timeout(timeouts.connectMs)]));
    } catch (error) {
      if (signal.aborted) return unreachable(`the connection to ${authority} was given up`);
      return connectFailure(error, { server: server.endpoint, tls, connectMs: timeouts.connectMs });
    }
  }

  async function send(request: HttpRequest, signal: AbortSignal): Promise<Answer> {
    const connection = await connect(signal);
    return 'kind' in connection ? connection : connection.request(request, signal);
  }

  return { origin, connect, send };
}
