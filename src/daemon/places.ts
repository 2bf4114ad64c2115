import type { Config, PlaceConfig } from '../config/config.ts';
import { openListener } from './running-listener.ts';
import { openProxy } from './running-proxy.ts';
import type { PlaceContext, Running, RunningListener } from './running.ts';
import type { SocketAddress } from './service-manager.ts';

/** All that a running daemon binds: listeners of the local API, and injecting proxies. */

/** File descriptors that an agent takes for one rotation: files, folders, its connection, a helper process. */
const descriptorsPerAgent = 8;
/** For everything else that comes up. */
const spareDescriptors = 16;
/** A client of a proxy takes up to three: its own connection, the one to the server, and a file. */
const descriptorsPerProxyClient = 3;

/** How many connections each listener and proxy may have open, so that clients can never take what a rotation needs. */
export function connectionRoom(free: number, { agents, listeners, proxies }: Config): number {
  const forClients = free - spareDescriptors - descriptorsPerAgent * agents.length;
  const shares = listeners.length + descriptorsPerProxyClient * proxies.length;
  return Math.max(1, Math.floor(forClients / Math.max(1, shares)));
}

/** Where the service manager may have opened a socket for it. */
export function socketAddress(config: PlaceConfig): SocketAddress {
  return config.kind === 'proxy' ? config.place : config;
}

/** Binds it. Rejects as the one or the other. */
export function openPlace(
  running: Running,
  config: PlaceConfig,
  context: PlaceContext,
): Promise<RunningListener> {
  return config.kind === 'proxy'
    ? openProxy(running, config, context)
    : openListener(running, config, context);
}
