import { isDeepStrictEqual } from 'node:util';
import type { Config, ListenerConfig, UnixListenerConfig } from '../config/config.ts';
import { giveMemoryBack } from '../platform/give-memory-back.ts';
import type { Users } from '../platform/users.ts';
import type { AllowRule } from '../serve/access.ts';
import type { SocketDress } from '../serve/bind-unix-socket.ts';
import type { ServeDependencies } from '../serve/dependencies.ts';
import {
  listenTcp,
  listenUnix,
  type Listener,
  type TcpRules,
  type UnixListener,
  type UnixRules,
} from '../serve/listeners.ts';
import type { Running, RunningListener } from './running.ts';

/** File descriptors that an agent takes for one rotation: files, folders, its connection, a helper process. */
const descriptorsPerAgent = 8;
/** For everything else that comes up. */
const spareDescriptors = 16;

/** How many connections each listener may have open, so that clients can never take what a rotation needs. */
export function connectionRoom(free: number, { agents, listeners }: Config): number {
  const forClients = free - spareDescriptors - descriptorsPerAgent * agents.length;
  return Math.max(1, Math.floor(forClients / Math.max(1, listeners.length)));
}

export async function openListener(
  running: Running,
  config: ListenerConfig,
  allConnections: number,
): Promise<RunningListener> {
  if (config.kind === 'tcp') {
    const { host, port, serves } = config;
    const rules = tcpRules({ serves }, allConnections);
    const listener = await listenTcp(serveDependencies(running), { host, port, ...rules });
    return runningTcp(config, listener);
  }
  const rules = await unixRules(running, config, allConnections);
  const dress = await dressOf(running.users, config);
  const listener = await listenUnix(serveDependencies(running), { path: config.path, ...dress, ...rules });
  return runningUnix(running, config, listener, dress);
}

function runningTcp(config: ListenerConfig, listener: Listener<TcpRules>): RunningListener {
  return {
    config,
    listener,
    // The address of both is the same, and so is their kind.
    prepare: async (changed, allConnections) => ({
      commit() {
        if (changed.kind === 'tcp') listener.update(tcpRules(changed, allConnections));
        return runningTcp(changed, listener);
      },
      undo: async () => {},
    }),
  };
}

/** `dress` is what the socket has on: names may mean other users by now. */
function runningUnix(
  running: Running,
  config: ListenerConfig,
  listener: UnixListener,
  dress: SocketDress,
): RunningListener {
  return {
    config,
    listener,
    async prepare(changed, allConnections) {
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

/** Of a socket that was somebody else's, leaving the owner as it is would not be the default. */
function explicit({ mode, user, group }: SocketDress): SocketDress {
  return { mode, user: user ?? process.geteuid?.() ?? null, group: group ?? process.getegid?.() ?? null };
}

async function dressOf(users: Users, { mode, owner, group }: UnixListenerConfig): Promise<SocketDress> {
  return {
    mode,
    user: owner === null ? null : await users.userId(owner),
    group: group === null ? null : await users.groupId(group),
  };
}

function tcpRules({ serves }: Pick<TcpRules, 'serves'>, allConnections: number): TcpRules {
  return { serves, limits: { connections: 0, requestsPerSecond: 0, allConnections } };
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
