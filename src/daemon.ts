import { createLogChannel } from './alerts/log-channel.ts';
import { AlertRouter } from './alerts/router.ts';
import { composeAgent, openHost, type Host, type HostOptions } from './composition.ts';
import { keepKeys } from './composition/keys.ts';
import type { AgentConfig, ListenerConfig, TokenFileConfig, UnixListenerConfig } from './config/config.ts';
import type { ErrorCode } from './domain/errors.ts';
import type { AlertStatus } from './domain/status.ts';
import { Broker } from './engine/broker.ts';
import { KeyKeeper } from './engine/key-keeper.ts';
import { startAll, stopAll, takeOver } from './engine/supervise.ts';
import { OutputSet } from './outputs/output-set.ts';
import type { TokenFileSpec } from './outputs/token-file.ts';
import { freeDescriptors } from './platform/descriptors.ts';
import { limitLog } from './platform/limited-log.ts';
import type { RootLog } from './platform/logger.ts';
import { createMetrics, type AgentGauges, type Metrics } from './platform/metrics.ts';
import { createUsers, type Users } from './platform/users.ts';
import type { Log } from './ports/log.ts';
import type { AllowRule } from './serve/access.ts';
import type { ServeDependencies } from './serve/dependencies.ts';
import { listenTcp, listenUnix, type Listener } from './serve/listeners.ts';

/** Composition root of `tokenward run`: configuration in, running daemon out. */

export interface DaemonOptions extends HostOptions {
  readonly version: string;
  readonly log: RootLog;
}

export interface Daemon {
  /** Never resolves; rejects where a standby became the holder and then could not do its work. */
  readonly failure: Promise<never>;
  /** Ends running attempts within `shutdown_grace`, then everything. Resolves to whether all that was received is saved. */
  stop(): Promise<boolean>;
}

/** Milliseconds that open requests and pending notices get at the end. */
const closeDeadlineMs = 2_000;
/** Milliseconds after the start when the watch on token files begins: loading it must not hold up the first clients. */
const watchAfterMs = 250;
/** Milliseconds after the start when freed memory goes back to the system; by then the first exchange is done. */
const trimAfterMs = 4_000;

interface Running {
  readonly host: Host;
  readonly users: Users;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly router: AlertRouter;
  readonly brokers: Map<string, Broker>;
  readonly keys: KeyKeeper;
  readonly outputs: OutputSet[];
}

/** Rejects with a `TokenwardError` where the configuration, the state folder or a listener cannot be used. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, version } = options;
  const host = await openHost(options);
  const log = limitLog(options.log, host.clock);
  const brokers = new Map<string, Broker>();
  const metrics = createMetrics({ version, agents: () => [...brokers.values()].map(gaugesOf) });
  const router = new AlertRouter([createLogChannel(log)], { clock: host.clock, random: host.random, log });
  const keys = new KeyKeeper({ clock: host.clock, log });
  const running: Running = { host, users: createUsers(), log, metrics, router, brokers, keys, outputs: [] };
  const resources = new AsyncDisposableStack();
  resources.defer(() => keys.close());
  resources.defer(() => router.close(AbortSignal.timeout(closeDeadlineMs)));
  for (const agent of config.agents) await addAgent(running, agent, resources);

  const all = [...brokers.values()];
  const listen = async () => {
    const room = connectionRoom(await freeDescriptors(), config);
    for (const listener of config.listeners) resources.use(await openListener(running, listener, room));
    log.info('started', { version, pid: process.pid, agents: [...brokers.keys()] });
    resources.defer(
      host.clock.after(watchAfterMs, () => {
        for (const outputs of running.outputs) void outputs.watch();
      }),
    );
    resources.defer(host.clock.after(trimAfterMs, () => host.native.trimMemory()));
  };
  const failure = Promise.withResolvers<never>();
  // Whoever does not ask is not concerned.
  failure.promise.catch(() => {});
  try {
    if (await startAll(all)) await listen();
    else void becomeHolder(running, listen).catch(failure.reject);
  } catch (error) {
    await stopAll(all, config.shutdownGraceMs);
    await resources.disposeAsync();
    throw error;
  }
  return {
    failure: failure.promise,
    async stop() {
      log.info('stopping');
      const saved = await stopAll(all, config.shutdownGraceMs);
      await resources.disposeAsync();
      log.close();
      if (!saved) log.error('stopped-with-unsaved-secret');
      log.info('stopped');
      return saved;
    },
  };
}

/** A standby binds and writes nothing until the holder ends. */
async function becomeHolder({ brokers, log }: Running, listen: () => Promise<void>): Promise<void> {
  await takeOver([...brokers.values()], (holderPid) => log.info('standby', { holder_pid: holderPid }));
  if ([...brokers.values()].some((broker) => broker.stopped)) return;
  await listen();
}

async function addAgent(running: Running, agent: AgentConfig, stack: AsyncDisposableStack): Promise<void> {
  const { host, router, metrics } = running;
  const { name } = agent;
  const log = running.log.child({ agent: name });
  const files = await Promise.all(agent.files.map((file) => tokenFileSpec(running.users, file)));
  const condition = (key: string, alert: AlertStatus | null) =>
    running.brokers.get(name)?.setCondition(key, alert);
  const outputs = new OutputSet(files, {
    clock: host.clock,
    random: host.random,
    disk: host.disk,
    log,
    onTampered: (path, what) =>
      condition(`tampered ${path}`, fileAlert(host, 'FILE_TAMPERED', tamperedText(path, what))),
    onRestored: (path) => condition(`tampered ${path}`, null),
    onFailed: (output, error) =>
      condition(`failed ${output}`, fileAlert(host, 'OUTPUT_FAILED', error.message)),
    onWorking: (output) => condition(`failed ${output}`, null),
  });
  const { settings, parts } = await composeAgent(host, agent, {
    log,
    meter: metrics,
    exchanges: true,
    publish: (token) => {
      log.info('token-published', { sequence: token.sequence, fingerprint: token.fingerprint });
      void outputs.publish(token);
    },
    alerts: (alerts) => router.update(name, alerts),
  });
  stack.defer(() => outputs.close(AbortSignal.timeout(closeDeadlineMs)));
  running.outputs.push(outputs);
  const broker = new Broker(settings, parts);
  running.brokers.set(name, broker);
  await keepKeys(running.keys, [{ host, log: running.log, config: agent, agent: broker }]);
}

function tamperedText(path: string, what: readonly string[]): string {
  return `${path} was changed by another process (${what.join(', ')}) and restored; find out who writes there`;
}

function fileAlert({ clock }: Host, code: ErrorCode, summary: string): AlertStatus {
  return { code, severity: 'warning', since: new Date(clock.now().wallMs).toISOString(), summary };
}

async function tokenFileSpec(users: Users, file: TokenFileConfig): Promise<TokenFileSpec> {
  const { path, format, mode, owner, group } = file;
  return {
    path,
    format,
    mode,
    uid: owner === null ? undefined : await users.userId(owner),
    gid: group === null ? undefined : await users.groupId(group),
  };
}

/** File descriptors that an agent takes for one rotation: files, folders, its connection, a helper process. */
const descriptorsPerAgent = 8;
/** For everything else that comes up. */
const spareDescriptors = 16;

/** How many connections each listener may have open, so that clients can never take what a rotation needs. */
function connectionRoom(free: number, { agents, listeners }: DaemonOptions['config']): number {
  const forClients = free - spareDescriptors - descriptorsPerAgent * agents.length;
  return Math.max(1, Math.floor(forClients / listeners.length));
}

async function openListener(
  running: Running,
  listener: ListenerConfig,
  allConnections: number,
): Promise<Listener> {
  const { host, log, metrics, brokers, keys } = running;
  const dependencies: ServeDependencies = {
    agents: () => brokers,
    clock: host.clock,
    log,
    metrics,
    keys,
  };
  if (listener.kind === 'tcp')
    return listenTcp(dependencies, {
      ...listener,
      limits: { connections: 0, requestsPerSecond: 0, allConnections },
    });
  const { path, mode, owner, group, limits, peerCheck } = listener;
  return listenUnix(dependencies, {
    path,
    mode,
    user: owner === null ? null : await running.users.userId(owner),
    group: group === null ? null : await running.users.groupId(group),
    limits: { ...limits, allConnections },
    allow: await allowRules(running.users, listener),
    peerLookup: peerCheck === 'kernel' ? host.native : null,
  });
}

function allowRules(users: Users, { allow }: UnixListenerConfig): Promise<AllowRule[]> {
  return Promise.all(
    allow.map(async ({ kind, account, may }) =>
      kind === 'user'
        ? { user: await users.userId(account), may }
        : { group: await users.groupId(account), may },
    ),
  );
}

function gaugesOf(broker: Broker): AgentGauges {
  const { agent, state, secret, token } = broker.status();
  const tokenExpiresAt = token.expires_at === null ? null : Date.parse(token.expires_at) / 1000;
  return { agent, state, generation: secret.generation, tokenExpiresAt };
}
