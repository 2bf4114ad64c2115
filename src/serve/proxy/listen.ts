import { bindTcp, type TcpPlace } from '../bind-tcp.ts';
import { bindUnixSocket, type SocketPlace } from '../bind-unix-socket.ts';
import type { SocketDress } from '../bound-socket.ts';
import { type Closable, closing } from '../closing.ts';
import { lingerOf } from '../end-server.ts';
import type { ProxyDependencies, ProxyRules } from './proxy-rules.ts';

/** The places where an injecting proxy can be had, for the composition root. */

export interface ProxyListener extends Closable {
  /** The socket's path, or `host:port` as it was bound. */
  readonly address: string;
  /** Goes by other rules from the next request on; no connection is ended. */
  update(rules: ProxyRules): void;
  /** Gives the socket another owner or mode; nothing to a port. Rejects `SOCKET_UNUSABLE`. */
  dress(dress: SocketDress): Promise<void>;
}

export type ProxyPlace = ({ readonly kind: 'unix' } & SocketPlace) | ({ readonly kind: 'tcp' } & TcpPlace);

/** Rejects `SOCKET_UNUSABLE`, `SOCKET_IN_USE` or `ADDRESS_IN_USE`, and as `prove`, which gets a free path for a socket. */
export async function listenProxy(
  dependencies: ProxyDependencies,
  place: ProxyPlace,
  rules: ProxyRules,
  prove: (path: string) => Promise<void>,
): Promise<ProxyListener> {
  // A daemon without proxies carries nothing of them; the build makes a file of its own of this.
  const { createProxyServer } = await import('./proxy-server.ts');
  const server = createProxyServer(dependencies, rules);
  const lingerMs = lingerOf(place);
  const update = (changed: ProxyRules) => server.update(changed);
  try {
    if (place.kind === 'tcp') {
      const address = await bindTcp(server.http, place);
      return { ...closing((ms) => server.close(ms, lingerMs)), address, update, dress: async () => {} };
    }
    const bound = await bindUnixSocket(server.http, place, prove);
    const end = async (deadlineMs: number) => {
      try {
        await bound.unbind();
      } finally {
        await server.close(deadlineMs, lingerMs);
      }
    };
    return { ...closing(end), address: place.path, update, dress: (dress) => bound.dress(dress) };
  } catch (error) {
    await server.close(0);
    throw error;
  }
}
