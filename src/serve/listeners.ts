import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import { accessOf, uncheckedAccess, type AllowRule } from './access.ts';
import { bindUnixSocket, type SocketDress, type SocketPlace } from './bind-unix-socket.ts';
import type { ServeDependencies } from './dependencies.ts';
import type { LimitOptions } from './limits.ts';
import { assertPeerCheck } from './peer-check.ts';
import { lookUpExecutable, lookUpPeer, unknownPeer, type PeerLookup } from './peer.ts';
import type { Surface } from './routes.ts';
import { createServer, type ApiServer, type ServerOptions } from './server.ts';

/** The places where the local API can be had, for the composition root. */

export interface Listener<Rules = never> extends AsyncDisposable {
  /** The socket's path, or `host:port` as it was bound. */
  readonly address: string;
  /** Goes by other rules from now on, also for the connections that are open; none is ended. */
  update(rules: Rules): void;
  /** Stops accepting, lets running requests end, and cuts off what is left after `deadlineMs` milliseconds. */
  close(deadlineMs: number): Promise<void>;
}

/** What of a listener on a Unix socket may change while it listens. */
export interface UnixRules {
  /** What asks the kernel who connects; null trusts the socket's mode alone (`peer_check: none`). */
  readonly peerLookup: PeerLookup | null;
  readonly allow: readonly AllowRule[];
  readonly limits: LimitOptions;
}

export type UnixListenerOptions = SocketPlace & UnixRules;

export interface UnixListener extends Listener<UnixRules> {
  /** Gives the socket another owner or mode. Rejects `SOCKET_UNUSABLE`. */
  dress(dress: SocketDress): Promise<void>;
}

/** What of a TCP listener may change while it listens. */
export interface TcpRules {
  /** Never the API: who connects over TCP cannot be told. */
  readonly serves: readonly Exclude<Surface, 'api'>[];
  readonly limits: LimitOptions;
}

export interface TcpListenerOptions extends TcpRules {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** What leaving a scope grants to running requests. */
const disposeDeadlineMs = 1000;

/** Serves everything. Throws `SOCKET_UNUSABLE`, `SOCKET_IN_USE` or `PEER_CHECK_UNAVAILABLE`. */
export async function listenUnix(
  dependencies: ServeDependencies,
  options: UnixListenerOptions,
): Promise<UnixListener> {
  const { peerLookup, path } = options;
  const server = createServer(dependencies, unixServer(options));
  const prove = async (free: string) => {
    if (peerLookup !== null) await assertPeerCheck(peerLookup, free);
  };
  try {
    const bound = await bindUnixSocket(server.http, options, prove);
    return {
      ...closing(async (deadlineMs) => {
        try {
          await bound.unbind();
        } finally {
          await server.close(deadlineMs);
        }
      }),
      address: path,
      update: (rules) => server.update(unixServer(rules)),
      dress: (dress) => bound.dress(dress),
    };
  } catch (error) {
    await server.close(0);
    throw error;
  }
}

function unixServer({ peerLookup, allow, limits }: UnixRules): ServerOptions {
  const serves = ['api', 'health', 'metrics'] as const;
  if (peerLookup === null)
    return {
      kind: 'unix',
      serves,
      limits,
      identify: () => unknownPeer,
      accessOf: () => uncheckedAccess(allow),
      executableOf: () => null,
    };
  return {
    kind: 'unix',
    serves,
    limits,
    identify: (socket) => lookUpPeer(peerLookup, socket),
    accessOf: (peer) => accessOf(peer, allow),
    executableOf: (socket, peer) => lookUpExecutable(peerLookup, socket, peer),
  };
}

/** Throws `ADDRESS_IN_USE` or `SOCKET_UNUSABLE`. */
export async function listenTcp(
  dependencies: ServeDependencies,
  options: TcpListenerOptions,
): Promise<Listener<TcpRules>> {
  const { host, port } = options;
  const server = createServer(dependencies, tcpServer(options));
  try {
    await once(server.http.listen(port, host), 'listening');
  } catch (error) {
    await server.close(0);
    throw bindError(host, port, error);
  }
  return {
    ...closing((deadlineMs) => server.close(deadlineMs)),
    address: addressOf(server),
    update: (rules) => server.update(tcpServer(rules)),
  };
}

function tcpServer({ serves, limits }: TcpRules): ServerOptions {
  return {
    kind: 'tcp',
    serves,
    limits,
    identify: () => unknownPeer,
    accessOf: () => accessOf(unknownPeer, []),
    executableOf: () => null,
  };
}

/** Once, however often it is asked for. */
function closing(end: (deadlineMs: number) => Promise<void>): Pick<Listener, 'close'> & AsyncDisposable {
  let ended: Promise<void> | undefined;
  const close = (deadlineMs: number) => (ended ??= end(deadlineMs));
  return { close, [Symbol.asyncDispose]: () => close(disposeDeadlineMs) };
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
