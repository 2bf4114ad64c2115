import type { AlertRouter } from '../alerts/router.ts';
import type { Host } from '../composition.ts';
import type { Config, PlaceConfig } from '../config/config.ts';
import type { Broker } from '../engine/broker.ts';
import type { KeyKeeper } from '../engine/key-keeper.ts';
import type { HookSet } from '../outputs/hook-set.ts';
import type { OutputSet } from '../outputs/output-set.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Users } from '../platform/users.ts';
import type { Log } from '../ports/log.ts';
import type { LoadDescription } from '../serve/dependencies.ts';
import type { Listener } from '../serve/listeners.ts';
import type { SecretFileWatch } from './secret-file-watch.ts';
import type { ServiceManager } from './service-manager.ts';

/** A running daemon: what stays as long as it runs, and what a reload of the configuration changes. */
export interface Running {
  readonly host: Host;
  readonly users: Users;
  readonly log: Log;
  /** Lines below it are not written from now on. */
  readonly setLogLevel: (level: Config['log']['level']) => void;
  readonly metrics: Metrics;
  readonly router: AlertRouter;
  readonly keys: KeyKeeper;
  readonly service: ServiceManager;
  readonly description: LoadDescription;
  config: Config;
  /** By name, in the order of the configuration; both replaced as a whole, by {@link useAgents}. */
  agents: ReadonlyMap<string, RunningAgent>;
  brokers: ReadonlyMap<string, Broker>;
  listeners: readonly RunningListener[];
  /** File descriptors that were free when nobody was connected yet; null before the daemon listens: a standby binds nothing. */
  freeDescriptors: number | null;
  /** Whether the token files are watched, and those of new agents are to be. */
  watching: boolean;
  stopping: boolean;
  /** Whether an agent had to go with a secret that was not saved. */
  lostSecret: boolean;
}

/** One agent of a running daemon, with its token files and hooks, and the file in which it may find a new secret. */
export interface RunningAgent {
  readonly broker: Broker;
  readonly outputs: OutputSet;
  readonly hooks: HookSet;
  readonly secretFile: SecretFileWatch;
}

/** One open listener or proxy of a running daemon. */
export interface RunningListener {
  readonly config: PlaceConfig;
  readonly listener: Pick<Listener, 'close'>;
  /**
   * Makes ready that it goes by another configuration at the same address, and returns what makes it so, and what takes it
   * back. Rejects where this host does not have what that one asks for.
   */
  prepare(config: PlaceConfig, context: PlaceContext): Promise<PreparedListener>;
}

/** What a place is opened with beside its own part of the configuration. */
export interface PlaceContext {
  /** The whole configuration that it is a part of; during a reload not yet that of the daemon. */
  readonly config: Config;
  /** So many connections may it have open. */
  readonly allConnections: number;
}

export interface PreparedListener {
  /** The listener as it is then. Cannot fail. */
  commit(): RunningListener;
  undo(): Promise<void>;
}

/** From here on, these are the agents. */
export function useAgents(running: Running, agents: ReadonlyMap<string, RunningAgent>): void {
  running.agents = agents;
  running.brokers = new Map([...agents].map(([name, { broker }]) => [name, broker]));
}
