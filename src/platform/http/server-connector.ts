import type { Socket } from 'node:net';
import { TokenwardError } from '../../domain/errors.ts';
import { authorityOf, type Endpoint, endpointOf, isLoopback } from './endpoint.ts';
import { type Environment, proxyFor } from './proxy.ts';
import { openTcp, openTls } from './socket.ts';
import { type TlsSettings, readTlsFiles } from './tls-files.ts';
import { openTunnel } from './tunnel.ts';
import type { HttpTimeouts } from './undici-client.ts';

/** One server, and the way to it. */
export interface ServerConnector {
  /** E.g. `https://logs.example.com`. */
  readonly origin: string;
  readonly endpoint: Endpoint;
  /** Host and, where it is not the default one, port: what the server expects as Host. */
  readonly host: string;
  /** Host and port, for messages. */
  readonly authority: string;
  /** Stands before the path of every request; mostly empty, and without a slash at its end. */
  readonly basePath: string;
  /** Resolves to a socket that speaks HTTP: name, TCP, proxy and TLS are done. Rejects as each of them does. */
  open(signal: AbortSignal): Promise<Socket>;
}

export interface ServerOptions {
  /** An `https://` URL, or an `http://` one of this host. Its path, if any, stands before the path of every request. */
  readonly url: string;
  readonly tls: TlsSettings;
  /** Where HTTPS_PROXY and NO_PROXY are looked up. */
  readonly env: Environment;
  readonly timeouts: HttpTimeouts;
}

/** Throws `CONFIG_INVALID` for a file of `tls` that cannot be used, a broken HTTPS_PROXY, and plain http to another host. */
export function createServerConnector({ url: text, tls, env, timeouts }: ServerOptions): ServerConnector {
  const url = new URL(text);
  const endpoint = endpointOf(url);
  const secure = url.protocol === 'https:';
  if (!secure && !isLoopback(endpoint.host)) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      `${url.origin} is not https, and a secret never leaves this host in the clear: use https`,
    );
  }
  const proxy = proxyFor(url, env);
  // Only to complain early; what counts is read again for every connection.
  readTlsFiles(tls);
  return {
    origin: url.origin,
    endpoint,
    host: url.host,
    authority: authorityOf(endpoint),
    basePath: url.pathname.replace(/\/+$/, ''),
    async open(signal) {
      const files = readTlsFiles(tls);
      const tcp =
        proxy === null
          ? await openTcp(endpoint, signal)
          : await openTunnel(proxy, endpoint, timeouts, signal);
      const servername = tls.serverName === undefined ? {} : { servername: tls.serverName };
      return secure ? openTls(tcp, endpoint, { ...files, ...servername }, signal) : tcp;
    },
  };
}
