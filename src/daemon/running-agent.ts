import { changeableParts, composeAgent } from '../composition.ts';
import { findKeyPlaces } from '../composition/keys.ts';
import type { AgentConfig, TokenFileConfig } from '../config/config.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { AlertStatus } from '../domain/status.ts';
import type { AgentFacts } from '../domain/token-file-content.ts';
import { Broker } from '../engine/broker.ts';
import { OutputSet } from '../outputs/output-set.ts';
import type { TokenFileSpec } from '../outputs/token-file.ts';
import { readSecretFile } from '../platform/secret-file.ts';
import type { Users } from '../platform/users.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { createHooks } from './agent-hooks.ts';
import { daemonAlert } from './daemon-alert.ts';
import type { Running, RunningAgent } from './running.ts';
import { SecretFileWatch } from './secret-file-watch.ts';

/** An agent that is not started yet. Rejects where the configuration asks for what this host does not have. */
async function createAgent(running: Running, agent: AgentConfig): Promise<RunningAgent> {
  const { host, router, metrics } = running;
  const { name } = agent;
  const log = running.log.child({ agent: name });
  const hooks = createHooks(running, agent, log, {
    files: () => outputs.paths,
    condition: (key, alert) => broker.setCondition(key, alert),
  });
  const outputs = new OutputSet(await tokenFileSpecs(running.users, agent), {
    ...outputParts({ clock: host.clock, condition: (key, alert) => broker.setCondition(key, alert) }),
    onDropped(path) {
      for (const key of [`tampered ${path}`, `failed ${path}`]) broker.setCondition(key, null);
      metrics.forgetTokenFile(name, path);
    },
    onPlaced: (token, isWritten) => hooks.placed(token, isWritten),
    clock: host.clock,
    random: host.random,
    disk: host.disk,
    log,
    meter: (path) => metrics.tokenFile(name, path),
  });
  const { settings, parts } = await composeAgent(host, agent, {
    log,
    meter: metrics.rotation(name),
    exchanges: true,
    publish: (token) => {
      log.info('token-published', { sequence: token.sequence, fingerprint: token.fingerprint });
      void outputs.publish(token);
    },
    withdraw: (sequence) => {
      log.info('token-withdrawn', { sequence, files: outputs.onInvalid });
      outputs.withdraw(sequence);
      hooks.withdraw(sequence);
    },
    alerts: (alerts, isKnown) => router.update(name, alerts, isKnown),
  });
  const broker = new Broker(settings, parts);
  outputs.onInvalid = agent.onInvalid;
  return { broker, outputs, hooks, secretFile: watchedSecretFile(running, agent, broker, log) };
}

function watchedSecretFile(
  { host }: Running,
  { secretFile }: AgentConfig,
  broker: Broker,
  log: Log,
): SecretFileWatch {
  const { clock, random } = host;
  return new SecretFileWatch(secretFile, {
    clock,
    random,
    log,
    read: (path) => readSecretFile(path, process.geteuid?.() ?? 0),
    adopt: (secret) => broker.adopt(secret),
    onUsable: (failure) =>
      broker.setCondition(
        'secret-file',
        failure === null ? null : daemonAlert(clock, failure.code, failure.message),
      ),
  });
}

/** Begins to notice what others do to the agent's files. To be called when the daemon is up; never rejects. */
export async function watchFiles({ broker, outputs, secretFile }: RunningAgent): Promise<void> {
  void outputs.watch();
  await broker.held();
  if (!broker.ended.aborted) secretFile.start();
}

/**
 * Agents that are not started yet, by name, and what has their wrapping keys kept. That must be called before they are started:
 * an interrupted replacement of a key that they share must find them all. Rejects as {@link createAgent}.
 */
export async function createAgents(
  running: Running,
  configs: readonly AgentConfig[],
): Promise<{ readonly agents: ReadonlyMap<string, RunningAgent>; readonly keepKeys: () => void }> {
  const { host, log, keys } = running;
  const isKnown = (name: string) => running.brokers.has(name);
  const agents = new Map<string, RunningAgent>();
  for (const config of configs) agents.set(config.name, await createAgent(running, config));
  const users = configs.flatMap((config) => {
    const agent = agents.get(config.name)?.broker;
    return agent === undefined ? [] : [{ host, log, config, agent, isKnown }];
  });
  return { agents, keepKeys: await findKeyPlaces(keys, users) };
}

/** An agent on its way to another configuration. None of it fails but for a stop. */
export interface AgentChange {
  /** Resolves when files that it is not to have any more are left alone. */
  giveUpFiles(): Promise<void>;
  /** Resolves when every new exchange goes by the new settings. Rejects `SHUTTING_DOWN`. */
  apply(): Promise<void>;
}

/**
 * Makes ready that an agent goes by another configuration. Rejects where this host does not have what that one asks for.
 * `isChanged` is false where it says the same as before: users and groups are looked up anew all the same.
 */
export async function prepareChange(
  running: Running,
  { broker, outputs, hooks, secretFile }: RunningAgent,
  agent: AgentConfig,
  isChanged: boolean,
): Promise<AgentChange> {
  const files = await tokenFileSpecs(running.users, agent);
  const store = broker.status().secret.store;
  const changed = isChanged ? changeableParts(running.host, agent, { store, exchanges: true }) : null;
  return {
    giveUpFiles: () => outputs.keepOnly(files),
    async apply() {
      outputs.onInvalid = agent.onInvalid;
      hooks.replace(agent.hooks);
      void outputs.replace(files);
      secretFile.replace(agent.secretFile);
      if (changed !== null) await broker.reconfigure(changed.settings, changed.provider);
    },
  };
}

interface ConditionParts {
  readonly clock: Clock;
  readonly condition: (key: string, alert: AlertStatus | null) => void;
}

function outputParts({ clock, condition }: ConditionParts) {
  const began = (key: string, code: ErrorCode, summary: string) =>
    condition(key, daemonAlert(clock, code, summary));
  return {
    onTampered: (path: string, what: readonly string[]) =>
      began(`tampered ${path}`, 'FILE_TAMPERED', tamperedText(path, what)),
    onRestored: (path: string) => condition(`tampered ${path}`, null),
    onFailed: (output: string, error: Error) => began(`failed ${output}`, 'OUTPUT_FAILED', error.message),
    onWorking: (output: string) => condition(`failed ${output}`, null),
  };
}

function tamperedText(path: string, what: readonly string[]): string {
  return `${path} was changed by another process (${what.join(', ')}) and restored; find out who writes there`;
}

function tokenFileSpecs(
  users: Users,
  { name, tokenHeader, files }: AgentConfig,
): Promise<readonly TokenFileSpec[]> {
  return Promise.all(files.map((file) => tokenFileSpec(users, file, { name, tokenHeader })));
}

async function tokenFileSpec(users: Users, file: TokenFileConfig, agent: AgentFacts): Promise<TokenFileSpec> {
  const { path, format, mode, owner, group } = file;
  return {
    path,
    format,
    agent,
    mode,
    uid: owner === null ? undefined : await users.userId(owner),
    gid: group === null ? undefined : await users.groupId(group),
  };
}

/** Files of the agent that nobody writes any longer. Their token ends by itself; whoever reads them has to be told. */
export function filesLeft(log: Log, before: AgentConfig, after: AgentConfig | null): void {
  const kept = new Set(after?.files.map(({ path }) => path));
  for (const { path } of before.files) {
    if (!kept.has(path)) log.child({ agent: before.name }).warn('token-file-left', { path });
  }
}

/** Lets what is under way at the agent's files and hooks end until `deadline` fires. */
export async function closeOutputs({ outputs, hooks }: RunningAgent, deadline: AbortSignal): Promise<void> {
  await Promise.all([outputs.close(deadline), hooks.close(deadline)]);
}
