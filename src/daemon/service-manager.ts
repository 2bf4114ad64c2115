import type { AgentStatus } from '../domain/status.ts';
import type { Native } from '../platform/native.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/**
 * The service manager that started the daemon, where there is one: what it is told (sd_notify(3)), and the sockets that it
 * has opened for us (sd_listen_fds(3)). What speaks with it is a file of its own in the build, which is only loaded where the
 * environment names something of the kind.
 */
export interface ServiceManager {
  /**
   * A descriptor of the socket that the service manager has opened at this address, for the caller to close; null where it has opened
   * none there. Each call gives a new one, so that a listener that a reload took away can come back.
   */
  socketAt(address: SocketAddress): number | null;
  /** Tells that sockets were passed for which the configuration has no listener, given all that it has. */
  tellUnused(wanted: readonly SocketAddress[]): void;
  /** From now on it is told how the agents are. */
  begin(agents: () => readonly WatchedAgent[]): void;
  /** All listeners are bound. */
  serving(): void;
  reloading(): void;
  reloaded(): void;
  /** The end has begun, and takes `atMostMs` milliseconds. */
  stopping(atMostMs: number): void;
  close(): void;
}

export type SocketAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** An agent as far as the service manager is told of it. */
export interface WatchedAgent {
  status(): AgentStatus;
  /** Milliseconds until the next exchange is planned, 0 while one is under way; null where none is planned. */
  nextRefreshInMs(): number | null;
  /** Whether its engine takes events. */
  answers(): boolean;
  subscribe(listener: () => void): () => void;
}

export interface ServiceManagerParts {
  readonly env: NodeJS.ProcessEnv;
  readonly native: Pick<Native, 'systemLibrary'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What systemd may have put into the environment of its service. */
const variables = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
] as const;

export type ServiceEnvironment = Readonly<Partial<Record<(typeof variables)[number], string>>>;

/** Takes its variables out of the environment, so that no program that the daemon starts speaks for it. Never rejects. */
export async function openServiceManager(parts: ServiceManagerParts): Promise<ServiceManager> {
  const given = takeVariables(parts.env);
  if (
    given.NOTIFY_SOCKET === undefined &&
    given.WATCHDOG_USEC === undefined &&
    given.LISTEN_FDS === undefined
  )
    return nobody;
  const { openSystemd } = await import('./service/systemd.ts');
  return openSystemd(parts, given);
}

function takeVariables(env: NodeJS.ProcessEnv): ServiceEnvironment {
  const given = Object.fromEntries(
    variables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const])),
  );
  for (const name of variables) delete env[name];
  return given;
}

/** Nobody is told, and no sockets were passed. */
const nobody: ServiceManager = {
  socketAt: () => null,
  tellUnused: () => {},
  begin: () => {},
  serving: () => {},
  reloading: () => {},
  reloaded: () => {},
  stopping: () => {},
  close: () => {},
};
