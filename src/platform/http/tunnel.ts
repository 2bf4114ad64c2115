import type { Socket } from 'node:net';
import { authorityOf, type Endpoint } from './endpoint.ts';
import type { Proxy } from './proxy.ts';
import { openTcp, openTls } from './socket.ts';
import { type HttpTimeouts, clientOver } from './undici-client.ts';

/** What kept us from the server was the proxy in front of it. `status` is its answer to CONNECT, if it gave one. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError';
  readonly proxy: Proxy;
  readonly status: number | null;

  constructor(proxy: Proxy, status: number | null, cause?: unknown) {
    super('the proxy opened no tunnel', { cause });
    this.proxy = proxy;
    this.status = status;
  }
}

/** Resolves to a socket that reaches `target` through the proxy (RFC 9110 §9.3.6); rejects with a {@link TunnelError}. */
export async function openTunnel(
  proxy: Proxy,
  target: Endpoint,
  timeouts: HttpTimeouts,
  signal: AbortSignal,
): Promise<Socket> {
  try {
    const socket = await reachProxy(proxy, signal);
    try {
      return await askForTunnel(socket, proxy, target, timeouts, signal);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TunnelError ? error : new TunnelError(proxy, null, error);
  }
}

async function reachProxy(proxy: Proxy, signal: AbortSignal): Promise<Socket> {
  const socket = await openTcp(proxy.endpoint, signal);
  return proxy.secure ? openTls(socket, proxy.endpoint, { minVersion: 'TLSv1.2' }, signal) : socket;
}

async function askForTunnel(
  socket: Socket,
  proxy: Proxy,
  target: Endpoint,
  timeouts: HttpTimeouts,
  signal: AbortSignal,
): Promise<Socket> {
  const client = await clientOver(socket, `http://${authorityOf(proxy.endpoint)}`, timeouts);
  signal.throwIfAborted();
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort);
  try {
    return await new Promise<Socket>((resolve, reject) => {
      client.dispatch(
        { method: 'CONNECT', path: authorityOf(target), headers: connectHeaders(proxy, target) },
        {
          // undici demands this one.
          onRequestStart() {},
          onRequestUpgrade(_controller, status) {
            if (status >= 200 && status < 300) resolve(socket);
            else reject(new TunnelError(proxy, status));
          },
          onResponseError(_controller, error) {
            reject(error);
          },
        },
      );
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function connectHeaders({ authorization }: Proxy, target: Endpoint): Record<string, string> {
  const host = { host: authorityOf(target) };
  return authorization === null ? host : { ...host, 'proxy-authorization': authorization.reveal() };
}
