import { isDeepStrictEqual } from 'node:util';
import type { ListenerConfig, TcpListenerConfig, UnixListenerConfig } from '../config/config.ts';
import { giveMemoryBack } from '../platform/give-memory-back.ts';
import { openLocalKey } from '../platform/local-key.ts';
import type { Users } from '../platform/users.ts';
import type { AllowRule } from '../serve/access.ts';
import type { SocketDress } from '../serve/bound-socket.ts';
import type { ServeDependencies } from '../serve/dependencies.ts';
import {
  listenTcp,
  listenUnix,
  type Listener,
  type TcpRules,
  type UnixListener,
  type UnixRules,
} from '../serve/listeners.ts';
import { compareDress } from './passed-socket.ts';
import type { PlaceContext, Running, RunningListener } from './running.ts';
import { dressOf, explicit } from './socket-dress.ts';

export async function openListener(
  running: Running,
  config: ListenerConfig,
  { allConnections }: PlaceContext,
): Promise<RunningListener> {
  if (config.kind === 'tcp') {
    const { host, port } = config;
    const rules = await tcpRules(running, config, allConnections);
    const inherited = running.service.socketAt({ kind: 'tcp', host, port });
    const listener = await listenTcp(serveDependencies(running), { host, port, inherited, ...rules });
    return runningTcp(running, config, listener);
  }
  const rules = await unixRules(running, config, allConnections);
  const dress = await dressOf(running.users, config);
  const { path } = config;
  const inherited = running.service.socketAt({ kind: 'unix', path });
  const listener = await listenUnix(serveDependencies(running), { path, inherited, ...dress, ...rules });
  if (inherited === null) return runningUnix(running, config, listener, dress);
  const compare = (wanted: SocketDress) => compareDress(running.log, path, wanted);
  await compare(dress);
  return runningUnix(running, config, { ...listener, dress: compare }, dress);
}

function runningTcp(
  running: Running,
  config: TcpListenerConfig,
  listener: Listener<TcpRules>,
): RunningListener {
  return {
    config,
    listener,
    async prepare(changed, { allConnections }) {
      if (changed.kind !== 'tcp') throw new Error('a port is no socket');
      const rules = await tcpRules(running, changed, allConnections);
      return {
        commit() {
          listener.update(rules);
          return runningTcp(running, changed, listener);
        },
        undo: async () => {},
      };
    },
  };
}

/** `dress` is what the socket has on: names may mean other users by now. */
function runningUnix(
  running: Running,
  config: UnixListenerConfig,
  listener: UnixListener,
  dress: SocketDress,
): RunningListener {
  return {
    config,
    listener,
    async prepare(changed, { allConnections }) {
      if (changed.kind !== 'unix') throw new Error('a socket is no port');
      const rules = await unixRules(running, changed, allConnections);
      const next = await dressOf(running.users, changed);
      const isDressed = isDeepStrictEqual(next, dress);
      if (!isDressed) await listener.dress(explicit(next));
      return {
        commit() {
          listener.update(rules);
          return runningUnix(running, changed, listener, next);
        },
        undo: async () => {
          if (!isDressed) await listener.dress(explicit(dress));
        },
      };
    },
  };
}

async function tcpRules(
  { host, log }: Running,
  { serves, clients }: TcpListenerConfig,
  allConnections: number,
): Promise<TcpRules> {
  const onUnusable = (error: unknown) => log.warn('client-key-unusable', { error });
  const opened = clients.map(async ({ name, agent, secretFile }) => {
    const secret = await openLocalKey(secretFile, { disk: host.disk, onUnusable });
    return [name, { agent, secret }] as const;
  });
  return {
    serves,
    oauthClients: new Map(await Promise.all(opened)),
    limits: { connections: 0, requestsPerSecond: 0, allConnections },
  };
}

async function unixRules(
  { users, host }: Running,
  { limits, allow, peerCheck }: UnixListenerConfig,
  allConnections: number,
): Promise<UnixRules> {
  return {
    limits: { ...limits, allConnections },
    allow: await allowRules(users, allow),
    peerLookup: peerCheck === 'kernel' ? host.native : null,
  };
}

function allowRules(users: Users, allow: UnixListenerConfig['allow']): Promise<AllowRule[]> {
  return Promise.all(
    allow.map(async ({ kind, account, may, agents }) =>
      kind === 'user'
        ? { user: await users.userId(account), may, agents }
        : { group: await users.groupId(account), may, agents },
    ),
  );
}

function serveDependencies(running: Running): ServeDependencies {
  const { host, log, metrics, keys, description } = running;
  return {
    agents: () => running.brokers,
    clock: host.clock,
    log,
    metrics,
    keys,
    description,
    giveMemoryBack: () => void giveMemoryBack(host.native, log),
  };
}
