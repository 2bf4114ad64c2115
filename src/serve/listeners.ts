import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import { accessOf, uncheckedAccess, type AllowRule } from './access.ts';
import { bindUnixSocket, type SocketPlace } from './bind-unix-socket.ts';
import type { AdmissionOptions } from './connections.ts';
import type { ServeDependencies } from './dependencies.ts';
import type { LimitOptions } from './limits.ts';
import { assertPeerCheck } from './peer-check.ts';
import { lookUpPeer, unknownPeer, type PeerLookup } from './peer.ts';
import type { Surface } from './routes.ts';
import { createServer, type ApiServer } from './server.ts';

/** The places where the local API can be had, for the composition root. */

export interface Listener extends AsyncDisposable {
  /** The socket's path, or `host:port` as it was bound. */
  readonly address: string;
  /** Stops accepting, lets running requests end, and cuts off what is left after `deadlineMs` milliseconds. */
  close(deadlineMs: number): Promise<void>;
}

export interface UnixListenerOptions extends SocketPlace {
  /** What asks the kernel who connects; null trusts the socket's mode alone (`peer_check: none`). */
  readonly peerLookup: PeerLookup | null;
  readonly allow: readonly AllowRule[];
  readonly limits: LimitOptions;
}

export interface TcpListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Never the API: who connects over TCP cannot be told. */
  readonly serves: readonly Exclude<Surface, 'api'>[];
  readonly limits: LimitOptions;
}

/** What leaving a scope grants to running requests. */
const disposeDeadlineMs = 1000;

/** Serves everything. Throws `SOCKET_UNUSABLE`, `SOCKET_IN_USE` or `PEER_CHECK_UNAVAILABLE`. */
export async function listenUnix(
  dependencies: ServeDependencies,
  options: UnixListenerOptions,
): Promise<Listener> {
  const { peerLookup, path } = options;
  const server = createServer(dependencies, { serves: ['api', 'health', 'metrics'], ...admission(options) });
  const prove = async (free: string) => {
    if (peerLookup !== null) await assertPeerCheck(peerLookup, free);
  };
  try {
    const unbind = await bindUnixSocket(server.http, options, prove);
    return listener(path, async (deadlineMs) => {
      try {
        await unbind();
      } finally {
        await server.close(deadlineMs);
      }
    });
  } catch (error) {
    await server.close(0);
    throw error;
  }
}

function admission({ peerLookup, allow, limits }: UnixListenerOptions): AdmissionOptions {
  if (peerLookup === null)
    return { limits, identify: () => unknownPeer, accessOf: () => uncheckedAccess(allow) };
  return {
    limits,
    identify: (socket) => lookUpPeer(peerLookup, socket),
    accessOf: (peer) => accessOf(peer, allow),
  };
}

/** Throws `ADDRESS_IN_USE` or `SOCKET_UNUSABLE`. */
export async function listenTcp(
  dependencies: ServeDependencies,
  options: TcpListenerOptions,
): Promise<Listener> {
  const { host, port, serves, limits } = options;
  const server = createServer(dependencies, {
    serves,
    limits,
    identify: () => unknownPeer,
    accessOf: () => accessOf(unknownPeer, []),
  });
  try {
    await once(server.http.listen(port, host), 'listening');
  } catch (error) {
    await server.close(0);
    throw bindError(host, port, error);
  }
  return listener(addressOf(server), (deadlineMs) => server.close(deadlineMs));
}

function listener(address: string, end: (deadlineMs: number) => Promise<void>): Listener {
  let ended: Promise<void> | undefined;
  const close = (deadlineMs: number) => (ended ??= end(deadlineMs));
  return { address, close, [Symbol.asyncDispose]: () => close(disposeDeadlineMs) };
}

function addressOf({ http }: ApiServer): string {
  const { address, family, port } = http.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function bindError(host: string, port: number, cause: unknown): TokenwardError {
  const where = `${host}:${port}`;
  if (errorCode(cause) === 'EADDRINUSE') {
    return new TokenwardError(
      'ADDRESS_IN_USE',
      `another process already listens on ${where}; to see which: ss -tlnp sport = :${port}; stop it, or choose another port`,
      { cause },
    );
  }
  if (errorCode(cause) === 'EADDRNOTAVAIL') {
    const message = `this host has no address ${host} to listen on; choose one that \`ip addr\` shows`;
    return new TokenwardError('SOCKET_UNUSABLE', message, { cause });
  }
  if (errorCode(cause) === 'EACCES') {
    const message = `not permitted to listen on ${where}; choose a port from 1024 on`;
    return new TokenwardError('SOCKET_UNUSABLE', message, { cause });
  }
  const reason = errorCode(cause) ?? 'unknown error';
  return new TokenwardError(
    'SOCKET_UNUSABLE',
    `cannot listen on ${where} (${reason}); choose an address of this host and a free port`,
    { cause },
  );
}
