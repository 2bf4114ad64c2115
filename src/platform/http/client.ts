import { TokenwardError } from '../../domain/errors.ts';
import type { Answer } from '../../domain/outcome.ts';
import { type NotSent, connectFailure, unreachable } from './connect-failure.ts';
import { type HttpConnection, type HttpRequest, createConnection } from './connection.ts';
import { authorityOf, endpointOf, isLoopback } from './endpoint.ts';
import { type Environment, proxyFor } from './proxy.ts';
import { openTcp, openTls } from './socket.ts';
import { type TlsSettings, readTlsFiles } from './tls-files.ts';
import { openTunnel } from './tunnel.ts';
import { type HttpTimeouts, clientOver } from './undici-client.ts';

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

export interface HttpClientOptions {
  /** An `https://` URL, or an `http://` one of this host. Its path, if any, stands before the path of every request. */
  readonly url: string;
  readonly tls: TlsSettings;
  /** Where HTTPS_PROXY and NO_PROXY are looked up. */
  readonly env: Environment;
  readonly timeouts: HttpTimeouts;
}

/** Throws `CONFIG_INVALID` for a file of `tls` that cannot be used, a broken HTTPS_PROXY, and plain http to another host. */
export function createHttpClient({ url: text, tls, env, timeouts }: HttpClientOptions): HttpClient {
  const url = new URL(text);
  const basePath = url.pathname.replace(/\/+$/, '');
  const server = endpointOf(url);
  const secure = url.protocol === 'https:';
  if (!secure && !isLoopback(server.host)) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      `${url.origin} is not https, and a secret never leaves this host in the clear: use https`,
    );
  }
  const proxy = proxyFor(url, env);
  // Only to complain early; what counts is read again for every connection.
  readTlsFiles(tls);

  async function open(signal: AbortSignal): Promise<HttpConnection> {
    const files = readTlsFiles(tls);
    const tcp =
      proxy === null ? await openTcp(server, signal) : await openTunnel(proxy, server, timeouts, signal);
    const servername = tls.serverName === undefined ? {} : { servername: tls.serverName };
    const socket = secure ? await openTls(tcp, server, { ...files, ...servername }, signal) : tcp;
    const client = await clientOver(socket, url.origin, timeouts);
    return createConnection({ socket, client, basePath, server: authorityOf(server) });
  }

  async function connect(signal: AbortSignal): Promise<HttpConnection | NotSent> {
    try {
      return await open(AbortSignal.any([signal, AbortSignal.timeout(timeouts.connectMs)]));
    } catch (error) {
      if (signal.aborted) return unreachable(`the connection to ${authorityOf(server)} was given up`);
      return connectFailure(error, { server, tls, connectMs: timeouts.connectMs });
    }
  }

  async function send(request: HttpRequest, signal: AbortSignal): Promise<Answer> {
    const connection = await connect(signal);
    return 'kind' in connection ? connection : connection.request(request, signal);
  }

  return { origin: url.origin, connect, send };
}
