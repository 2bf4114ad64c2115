import { accessOf, uncheckedAccess, type AllowRule } from './access.ts';
import { bindTcp, type TcpPlace } from './bind-tcp.ts';
import { bindUnixSocket, type SocketPlace } from './bind-unix-socket.ts';
import type { SocketDress } from './bound-socket.ts';
import { type Closable, closing } from './closing.ts';
import type { ServeDependencies } from './dependencies.ts';
import { lingerOf } from './end-server.ts';
import type { LimitOptions } from './limits.ts';
import type { OAuthClients } from './oauth/clients.ts';
import { assertPeerCheck } from './peer-check.ts';
import { lookUpExecutable, lookUpPeer, unknownPeer, type PeerLookup } from './peer.ts';
import type { Surface } from './routes.ts';
import { createServer, type ServerOptions } from './server.ts';

/** The places where the local API can be had, for the composition root. */

export interface Listener<Rules = never> extends Closable {
  /** The socket's path, or `host:port` as it was bound. */
  readonly address: string;
  /** Goes by other rules from now on, also for the connections that are open; none is ended. */
  update(rules: Rules): void;
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
  /** Never the API, and tokens only by OAuth: who connects over TCP cannot be told. */
  readonly serves: readonly Exclude<Surface, 'api'>[];
  /** Who may ask the token endpoint, where it is served. */
  readonly oauthClients: OAuthClients;
  readonly limits: LimitOptions;
}

export type TcpListenerOptions = TcpPlace & TcpRules;

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
          await server.close(deadlineMs, lingerOf(options));
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
  const serves = ['api', 'health', 'metrics', 'oauth'] as const;
  const oauthClients = null;
  if (peerLookup === null)
    return {
      kind: 'unix',
      serves,
      oauthClients,
      limits,
      identify: () => unknownPeer,
      accessOf: () => uncheckedAccess(allow),
      executableOf: () => null,
    };
  return {
    kind: 'unix',
    serves,
    oauthClients,
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
  const server = createServer(dependencies, tcpServer(options));
  try {
    const address = await bindTcp(server.http, options);
    return {
      ...closing((deadlineMs) => server.close(deadlineMs, lingerOf(options))),
      address,
      update: (rules) => server.update(tcpServer(rules)),
    };
  } catch (error) {
    await server.close(0);
    throw error;
  }
}

function tcpServer({ serves, oauthClients, limits }: TcpRules): ServerOptions {
  return {
    kind: 'tcp',
    serves,
    oauthClients,
    limits,
    identify: () => unknownPeer,
    accessOf: () => accessOf(unknownPeer, []),
    executableOf: () => null,
  };
}
