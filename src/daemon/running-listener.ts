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
import type { PreparedListener, Running, RunningListener } from './running.ts';

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
    return asRunning(running, config, await listenTcp(serveDependencies(running), { host, port, ...rules }));
  }
  const rules = await unixRules(running, config, allConnections);
  const dress = await dressOf(running.users, config);
  const listener = await listenUnix(serveDependencies(running), { path: config.path, ...dress, ...rules });
  return asRunning(running, config, listener);
}

/** The address of both is the same, and so is its kind. */
function asRunning(
  running: Running,
  config: ListenerConfig,
  listener: Listener<TcpRules> | UnixListener,
): RunningListener {
  return {
    config,
    listener,
    prepare: async (changed, allConnections) => {
      if (changed.kind === 'tcp') {
        const rules = tcpRules(changed, allConnections);
        const update = () => (listener as Listener<TcpRules>).update(rules);
        return prepared(running, changed, listener, { update });
      }
      const unix = listener as UnixListener;
      const rules = await unixRules(running, changed, allConnections);
      const undo = await redress(running.users, unix, config as UnixListenerConfig, changed);
      return prepared(running, changed, listener, { update: () => unix.update(rules), undo });
    },
  };
}

function prepared(
  running: Running,
  config: ListenerConfig,
  listener: Listener<TcpRules> | UnixListener,
  { update, undo = async () => {} }: { update: () => void; undo?: () => Promise<void> },
): PreparedListener {
  return {
    commit() {
      update();
      return asRunning(running, config, listener);
    },
    undo,
  };
}

/** Gives the socket its new owner and mode where they differ; returns what gives it the old ones back. */
async function redress(
  users: Users,
  listener: UnixListener,
  before: UnixListenerConfig,
  after: UnixListenerConfig,
): Promise<() => Promise<void>> {
  const [was, is] = [await dressOf(users, before), await dressOf(users, after)];
  if (was.mode === is.mode && was.user === is.user && was.group === is.group) return async () => {};
  await listener.dress(explicit(is));
  return () => listener.dress(explicit(was));
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
    allow.map(async ({ kind, account, may }) =>
      kind === 'user'
        ? { user: await users.userId(account), may }
        : { group: await users.groupId(account), may },
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
