import { agentNamed, composeAgent, openHost, type HostOptions } from './composition.ts';
import { findKeyPlaces, keySharers } from './composition/keys.ts';
import type { AgentConfig, Config } from './config/config.ts';
import { TokenwardError } from './domain/errors.ts';
import type { RecoveryRequest, RecoveryResult } from './domain/recovery-report.ts';
import type { Secret } from './domain/secret.ts';
import type { AgentStatus } from './domain/status.ts';
import { Broker } from './engine/broker.ts';
import { KeyKeeper } from './engine/key-keeper.ts';
import { unmetered } from './engine/unmetered.ts';
import { ableTo, administrationOf } from './operator/administration.ts';
import { loadNative } from './platform/native.ts';
import { createSystemClock } from './platform/system-clock.ts';
import { systemDisk } from './platform/system-disk.ts';
import { systemRandom } from './platform/system-random.ts';
import type { Log } from './ports/log.ts';
import type { AgentSecretEntry } from './ports/provider-admin.ts';
import type { SecretStore, WrappingKey } from './ports/secret-store.ts';
import type { AgentRecords } from './ports/wrapping-keys.ts';
import { forgetInKeychain, keySource, type KeyConfig } from './secrets/registry.ts';

/** Composition root of the commands that talk to servers or stores without the daemon. */

export interface OperatorOptions extends HostOptions {
  readonly agent: string;
}

/** Nothing that a short command does is worth a log: it reports by its result. */
const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog };

/** Milliseconds that the end of a hand-over may take. */
const stopDeadlineMs = 5_000;

/**
 * Stores a new secret as a candidate under the agent's locks, while no daemon runs: the same path that the daemon takes,
 * without its exchanges. Throws `AGENT_HELD` where another process has the agent, `STORE_*` and `STATE_*` where the store or
 * the state folder cannot take it, `USAGE` for a store that keeps nothing beyond the process.
 */
export function storeHandOver(options: OperatorOptions, secret: Secret): Promise<void> {
  return withAgent(options, ({ broker }) => broker.handOver(secret).stored);
}

/** Throws as {@link storeHandOver} would, as far as that can be told without a secret. */
export function proveHandOver(options: OperatorOptions): Promise<void> {
  return withAgent(options, async ({ broker, store }) => {
    const obstacle = broker.handOverObstacle();
    if (obstacle !== null) throw obstacle;
    await store.proveWritable(new AbortController().signal);
  });
}

/**
 * Recovers under the agent's locks, while no daemon runs: the same path that the daemon takes. Throws `AGENT_HELD` where
 * another process has the agent, `RECOVERY_NOT_POSSIBLE` for an action that is not offered.
 */
export function recoverAgent(
  options: OperatorOptions,
  request: RecoveryRequest,
): Promise<RecoveryResult & { readonly status: AgentStatus }> {
  return withAgent(options, async ({ broker }) => {
    const result = await broker.recover(request);
    return { ...result, status: broker.status() };
  });
}

/** The server's entry for the secret of this name; null where there is none. Throws `SERVER_*`. */
export async function findAgentSecret(
  options: OperatorOptions,
  name: string,
  admin: Secret,
): Promise<AgentSecretEntry | null> {
  const agent = agentNamed(options.config, options.agent);
  const { deadlineMs, server } = serverOf(options, agent, admin);
  const entries = await ableTo(server.listSecrets, agent)(AbortSignal.timeout(deadlineMs));
  return entries.find((entry) => entry.name === name) ?? null;
}

export interface RekeyRequest {
  /** Only tells what would be sealed anew. */
  readonly dryRun: boolean;
  /** Told of each agent whose records are sealed with the next key. */
  readonly told: (sealed: AgentRecords) => void;
}

/**
 * Replaces the wrapping key of the agent, and of all that share it, under all their locks, while no daemon runs. Throws
 * `AGENT_HELD` where another process has one of them, and as `WrappingKeyKeeper` does.
 */
export async function rekeyAgents(
  options: OperatorOptions,
  { dryRun, told }: RekeyRequest,
): Promise<{ readonly agents: readonly AgentRecords[]; readonly status: AgentStatus }> {
  const { config, agent } = options;
  const keys = new KeyKeeper({ clock: createSystemClock(await loadNative()), log: silentLog, told });
  const isKnown = (name: string) => config.agents.some((each) => each.name === name);
  try {
    return await withAgents(options, await keySharers(config, agent), async (brokers) => {
      // added when they run: what an earlier call left half done is finished by this one, and not besides it
      const here = { host: await openHost(options), log: silentLog, isKnown };
      const users = brokers.map((broker) => ({
        ...here,
        config: agentNamed(config, broker.name),
        agent: broker,
      }));
      const keepKeys = await findKeyPlaces(keys, users);
      keepKeys();
      const agents = await (dryRun ? keys.preview(agent) : keys.replace(agent));
      const status = brokers.find(({ name }) => name === agent)?.status();
      if (status === undefined)
        throw new TokenwardError('INTERNAL', `${agent} is not among those that share its key`);
      return { agents, status };
    });
  } finally {
    keys.close();
  }
}

/** The agents whose key is replaced together with this one's, and itself; those that only the state folder knows are not among them. */
export function agentsSharingKey(config: Config, agent: string): Promise<readonly string[]> {
  return keySharers(config, agent);
}

/** One agent after the other, and the work when all are open. */
function withAgents<Result>(
  options: OperatorOptions,
  [next, ...others]: readonly string[],
  work: (brokers: readonly Broker[]) => Promise<Result>,
): Promise<Result> {
  if (next === undefined) return work([]);
  return withAgent({ ...options, agent: next }, ({ broker }) =>
    withAgents(options, others, (brokers) => work([broker, ...brokers])),
  );
}

interface OpenAgent {
  readonly broker: Broker;
  readonly store: SecretStore;
}

/** The agent under its locks, without exchanges, for the time of the work. */
async function withAgent<Result>(
  options: OperatorOptions,
  work: (agent: OpenAgent) => Promise<Result>,
): Promise<Result> {
  const agent = agentNamed(options.config, options.agent);
  if (agent.secret.store === 'memory') {
    const advice = 'so only a running daemon has one or can take one; start it with `tokenward run`';
    throw new TokenwardError('USAGE', `${agent.name} keeps its secret in memory, ${advice}`);
  }
  const nobody = {
    log: silentLog,
    publish() {},
    withdraw() {},
    alerts() {},
    meter: unmetered,
    exchanges: false,
  };
  const { settings, parts } = await composeAgent(await openHost(options), agent, nobody);
  const broker = new Broker(settings, parts);
  try {
    await broker.start();
    return await work({ broker, store: parts.store });
  } finally {
    await broker.stop(stopDeadlineMs);
  }
}

/** Creates a secret of this name at the agent's server. Throws `SERVER_*`. */
export async function createAgentSecret(
  options: OperatorOptions,
  name: string,
  admin: Secret,
): Promise<Secret> {
  const agent = agentNamed(options.config, options.agent);
  const { deadlineMs, server } = serverOf(options, agent, admin);
  const created = await ableTo(server.createSecret, agent)(name, AbortSignal.timeout(deadlineMs));
  return created.secret;
}

function serverOf({ env }: OperatorOptions, agent: AgentConfig, credential: Secret) {
  const deadlineMs = agent.exchangeDeadlineMs;
  const anotherName = (name: string) => `tokenward enroll ${agent.name} --name ${name}`;
  return { deadlineMs, server: administrationOf({ agent, env, credential, deadlineMs, anotherName }) };
}

/** The wrapping key that a file store would use as the user `uid`; null where none is made yet. Throws `KEY_FILE_UNUSABLE`. */
export async function readWrappingKey(
  key: KeyConfig,
  env: NodeJS.ProcessEnv,
  uid = ownUid(),
): Promise<WrappingKey | null> {
  return keySource(key, { ...(await keyDeps(env)), uid }).read();
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}

/** Whether the keychain takes a record now; leaves nothing in it. */
export async function keychainAnswers(options: HostOptions): Promise<boolean> {
  const host = await openHost(options);
  const store = host.openStore(
    { store: 'keychain', deadlineMs: keychainProbeMs },
    { agent: 'probe', folder: '' },
  );
  try {
    await store.proveWritable(new AbortController().signal);
    return true;
  } catch {
    // whatever the reason, somebody else has to keep the secret
    return false;
  }
}

/** Takes everything of an agent out of the keychain. There is no way back. */
export async function forgetKeychainItems(options: OperatorOptions): Promise<void> {
  const { env, keychainProgram } = options;
  const deps = { ...(await keyDeps(env)), keychainProgram };
  await forgetInKeychain(deps, options.agent, keychainProbeMs, new AbortController().signal);
}

/** Milliseconds; a person waits for the answer. */
const keychainProbeMs = 3_000;

async function keyDeps(env: NodeJS.ProcessEnv) {
  const clock = createSystemClock(await loadNative());
  return { env, clock, disk: systemDisk, random: systemRandom, uid: ownUid() };
}
