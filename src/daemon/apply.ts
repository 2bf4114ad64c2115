import { changesBetween, type ConfigChanges, listenerAddress, placesIn } from '../config/changes.ts';
import type { AgentConfig, Config } from '../config/config.ts';
import { stateFileSystemError } from '../config/state-file-system.ts';
import { TokenwardError } from '../domain/errors.ts';
import { useAlertChannels } from './alerts.ts';
import { connectionRoom, openPlace } from './places.ts';
import {
  type AgentChange,
  closeOutputs,
  createAgents,
  filesLeft,
  prepareChange,
  watchFiles,
} from './running-agent.ts';
import { type Running, type RunningAgent, type RunningListener, useAgents } from './running.ts';

/**
 * A reload of the configuration, all or nothing. Everything that can fail is done first and can be taken back: files are read,
 * names looked up, sockets bound. What then follows cannot fail, and the other agents, their tokens and every open connection
 * are left alone.
 */

/** What a reload comes to when nothing can go wrong any more. */
interface ReadyReload {
  readonly changes: ConfigChanges;
  readonly config: Config;
  readonly agents: ReadonlyMap<string, RunningAgent>;
  readonly keepKeys: () => void;
  /** The agents that stay, each with what makes it go by its new configuration. */
  readonly changed: readonly AgentChange[];
  /** Makes the listeners go by the new configuration, and tells which they are then. */
  readonly commitListeners: () => readonly RunningListener[];
}

/** Milliseconds that requests get which are open on a listener that goes. */
const closeDeadlineMs = 2_000;

/**
 * Makes the daemon go by this configuration. Resolves to what changed when every exchange that starts from now on goes by it.
 * Rejects, with nothing changed, `CONFIG_INVALID` and all that a start with it would reject with; `SECRET_NOT_PERSISTED` where
 * an agent would go that holds the only copy of its secret; `SHUTTING_DOWN`.
 */
export async function applyConfig(running: Running, config: Config): Promise<ConfigChanges> {
  const changes = changesBetween(running.config, config);
  await using undo = new AsyncDisposableStack();
  const ready = await prepare(running, config, changes, undo);
  if (running.stopping) throw new TokenwardError('SHUTTING_DOWN', 'the daemon is stopping');
  undo.move();
  await commit(running, ready);
  return changes;
}

async function prepare(
  running: Running,
  config: Config,
  changes: ConfigChanges,
  undo: AsyncDisposableStack,
): Promise<ReadyReload> {
  refuseFixed(changes.fixed);
  refuseLoss(running, changes.agents.removed);
  const unfit = await stateFileSystemError(config);
  if (unfit !== null) throw unfit;
  const changed: AgentChange[] = [];
  for (const agent of config.agents) {
    const known = running.agents.get(agent.name);
    if (known !== undefined)
      changed.push(await prepareChange(running, known, agent, changes.agents.changed.includes(agent)));
  }
  undo.defer(() => changes.agents.added.forEach(({ name }) => running.metrics.forget(name)));
  const { agents: added, keepKeys } = await createAgents(running, changes.agents.added);
  const agents = new Map(
    config.agents.flatMap(({ name }) => {
      const agent = added.get(name) ?? running.agents.get(name);
      return agent === undefined ? [] : [[name, agent] as const];
    }),
  );
  const commitListeners = await prepareListeners(running, config, undo);
  return { changes, config, agents, keepKeys, changed, commitListeners };
}

function refuseFixed(fixed: readonly string[]): void {
  if (fixed.length === 0) return;
  const advice = 'set it back, or restart the daemon (systemctl restart tokenward)';
  throw new TokenwardError(
    'CONFIG_INVALID',
    fixed.map((key) => `${key} cannot change while the daemon runs; ${advice}`).join('\n'),
    { fields: { restart: fixed.join(', ') } },
  );
}

/** An agent that goes takes with it what it has in memory only. */
function refuseLoss({ agents }: Running, removed: readonly string[]): void {
  for (const name of removed) {
    if (agents.get(name)?.broker.status().secret.persisted !== false) continue;
    const message = `agents.${name} cannot be removed: its new secret is not saved yet, and would be lost; mend its store first`;
    throw new TokenwardError('SECRET_NOT_PERSISTED', message);
  }
}

async function prepareListeners(
  running: Running,
  config: Config,
  undo: AsyncDisposableStack,
): Promise<() => readonly RunningListener[]> {
  const { freeDescriptors } = running;
  // A standby opens them when it becomes the holder.
  if (freeDescriptors === null) return () => [];
  const context = { config, allConnections: connectionRoom(freeDescriptors, config) };
  const left = [...running.listeners];
  const commits: (() => RunningListener)[] = [];
  for (const wanted of placesIn(config)) {
    const at = left.findIndex((open) => isSamePlace(open, wanted));
    if (at === -1) {
      const opened = await openPlace(running, wanted, context);
      undo.defer(() => opened.listener.close(0));
      commits.push(() => opened);
    } else {
      const prepared = await left.splice(at, 1)[0]!.prepare(wanted, context);
      // What cannot be taken back must not hide why.
      undo.defer(() => settled(running, [prepared.undo()]));
      commits.push(() => prepared.commit());
    }
  }
  return () => commits.map((each) => each());
}

function isSamePlace({ config }: RunningListener, wanted: RunningListener['config']): boolean {
  return config.kind === wanted.kind && listenerAddress(config) === listenerAddress(wanted);
}

/** Up to the first wait nothing can come between, not even a stop. */
async function commit(running: Running, ready: ReadyReload): Promise<void> {
  const { changes, config } = ready;
  const before = { config: running.config, agents: running.agents, listeners: running.listeners };
  running.config = config;
  running.setLogLevel(config.log.level);
  useAgents(running, ready.agents);
  running.listeners = ready.commitListeners();
  tellOfFilesLeft(running, before.config.agents);
  if (changes.alerts) useAlertChannels(running);
  for (const name of changes.agents.removed) running.keys.remove(name);
  ready.keepKeys();
  const gone = before.listeners.filter(
    (open) => !running.listeners.some((now) => now.listener === open.listener),
  );
  const removed = changes.agents.removed.flatMap((name) => before.agents.get(name) ?? []);
  for (const { secretFile } of removed) secretFile.close();
  // Files and locks may go from one agent to another: who gives them up comes first.
  await settled(running, [
    ...removed.map((agent) => closeOutputs(agent, AbortSignal.timeout(closeDeadlineMs))),
    ...ready.changed.map((change) => change.giveUpFiles()),
  ]);
  await settled(running, [
    ...ready.changed.map((change) => change.apply()),
    ...removed.map((agent) => endAgent(running, agent)),
    ...gone.map(({ listener }) => listener.close(closeDeadlineMs)),
  ]);
  await settled(
    running,
    changes.agents.added.map(({ name }) => startAgent(running, name)),
  );
}

/** The new configuration is in use, whatever still goes wrong. */
async function settled(running: Running, works: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === 'rejected' && !running.stopping)
      running.log.error('reload-step-failed', { error: result.reason });
  }
}

function tellOfFilesLeft({ config, log }: Running, before: readonly AgentConfig[]): void {
  for (const agent of before) {
    filesLeft(log, agent, config.agents.find(({ name }) => name === agent.name) ?? null);
  }
}

async function startAgent({ agents, watching, log }: Running, name: string): Promise<void> {
  const agent = agents.get(name);
  const isHolder = await agent?.broker.start();
  if (isHolder === false)
    log.child({ agent: name }).info('standby', { holder_pid: agent?.broker.heldElsewhere?.holderPid });
  if (watching && agent !== undefined) void watchFiles(agent);
}

/** Lets its exchange end first, like a stop of the daemon. Its files stay, and its state, for the day when it comes back. */
async function endAgent(running: Running, { broker }: RunningAgent): Promise<void> {
  const { config, router, metrics, log } = running;
  const { name } = broker;
  const isSaved = await broker.stop(config.shutdownGraceMs);
  router.update(name, []);
  metrics.forget(name);
  if (isSaved) return;
  running.lostSecret = true;
  log.child({ agent: name }).error('removed-with-unsaved-secret');
}
