import { join } from 'node:path';
import { kubernetesParts } from './composition/kubernetes.ts';
import { makeStateFolder, prepareStateDir } from './composition/state-folder.ts';
import type { AgentConfig, Config } from './config/config.ts';
import type { AgentSettings } from './domain/agent-state.ts';
import { TokenwardError } from './domain/errors.ts';
import type { AgentParts } from './engine/agent-parts.ts';
import { FileJournal } from './journal/file-journal.ts';
import { createMemoryJournal } from './journal/memory-journal.ts';
import { createFileLocks } from './platform/file-locks.ts';
import { credential } from './platform/fingerprint.ts';
import { createHttpClient, type HttpClient } from './platform/http/client.ts';
import { readIdentity, systemIdentitySources } from './platform/identity.ts';
import { lockFolder, remakingFolder, storeLockPath } from './platform/lock-folder.ts';
import { loadNative, type Native } from './platform/native.ts';
import { createSystemClock } from './platform/system-clock.ts';
import { systemDisk } from './platform/system-disk.ts';
import { systemRandom } from './platform/system-random.ts';
import type { Clock } from './ports/clock.ts';
import type { Disk } from './ports/disk.ts';
import type { Locks } from './ports/lock.ts';
import type { Log } from './ports/log.ts';
import type { Provider } from './ports/provider.ts';
import type { Random } from './ports/random.ts';
import type { SecretStore } from './ports/secret-store.ts';
import { createProvider } from './providers/registry.ts';
import type { KeychainProgram } from './secrets/keychain-process.ts';
import { secretStoreOpener, type OpenSecretStore } from './secrets/registry.ts';

/** What both composition roots build the same way: the host's parts, the state folder, and one agent around its engine. */

export interface HostOptions {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly keychainProgram: KeychainProgram;
}

/** This host: clocks, chance, disk, locks, and who it is. */
export interface Host extends HostOptions {
  readonly native: Native;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly locks: Locks;
  /** Where the locks are that are keyed by a store. */
  readonly lockFolder: string;
  readonly identity: () => Promise<string>;
  readonly openStore: OpenSecretStore;
}

/** Throws `STATE_DIR_UNUSABLE`, `STATE_DIR_EPHEMERAL` and `STATE_DIR_NETWORK`. */
export async function openHost(options: HostOptions): Promise<Host> {
  const { config, env, keychainProgram } = options;
  const { stateDir } = config;
  await prepareStateDir(config);
  const native = await loadNative();
  const uid = process.geteuid?.() ?? 0;
  const clock = createSystemClock(native);
  const disk = systemDisk;
  const random = systemRandom;
  const folder = await lockFolder(disk, uid);
  let identity: Promise<string> | null = null;
  const askIdentity = async () => {
    try {
      return await readIdentity(disk, random, stateDir, systemIdentitySources(env));
    } finally {
      identity = null;
    }
  };
  return {
    ...options,
    native,
    clock,
    random,
    disk,
    locks: remakingFolder(createFileLocks(native), { disk, folder, uid }),
    lockFolder: folder,
    // Asked inside an agent's lock. Agents that ask at once share the answer, so that the id of a volume is made once; a later
    // opening asks anew, since a disk that failed may be well, and another folder may stand in the place of the first.
    identity: () => (identity ??= askIdentity()),
    openStore: secretStoreOpener({ uid, env, keychainProgram, disk, random, clock }),
  };
}

/** What differs between the daemon and a command that only stores a hand-over. */
export type AgentWiring = Pick<AgentParts, 'log' | 'publish' | 'withdraw' | 'alerts' | 'meter'> & {
  readonly exchanges: boolean;
};

/** One agent: its settings and the parts around its engine. */
export async function composeAgent(
  host: Host,
  agent: AgentConfig,
  wiring: AgentWiring,
): Promise<{ settings: AgentSettings; parts: AgentParts }> {
  const { disk, random, clock } = host;
  const { name } = agent;
  const agentFolder = join(host.config.stateDir, 'agents', name);
  await makeStateFolder(disk, host.config.stateDir, agentFolder);
  const kept = keptParts(host, agent, agentFolder, wiring.log);
  const { exchanges, ...told } = wiring;
  const { settings, provider } = changeableParts(host, agent, { store: kept.store.kind, exchanges });
  return { settings, parts: { ...told, ...kept, clock, random, provider, credential } };
}

/** Where the agent keeps what it has, and what keeps others away from it. */
function keptParts(
  host: Host,
  agent: AgentConfig,
  folder: string,
  log: Log,
): Pick<AgentParts, 'store' | 'journal' | 'locks' | 'lockPaths' | 'identity'> {
  const { name, secret } = agent;
  if (secret.store === 'kubernetes')
    return kubernetesParts(host, { agent, secret, folder, ownLock: join(folder, 'lock'), log });
  const { disk, random, locks, identity } = host;
  const store = host.openStore(secret, { agent: name, folder });
  const journal =
    store.kind === 'memory' ? createMemoryJournal() : new FileJournal({ disk, random, folder, agent: name });
  return { store, journal, locks, lockPaths: lockPathsOf(host, folder, store), identity };
}

/** What of an agent may change while it runs. Throws `CONFIG_INVALID` for a file of `tls` that cannot be used, and as the HTTP client. */
export function changeableParts(
  host: Pick<Host, 'env' | 'clock'>,
  agent: AgentConfig,
  { store, exchanges }: Pick<AgentSettings, 'store' | 'exchanges'>,
): { settings: AgentSettings; provider: Provider } {
  const { probe, tokenHeader } = agent;
  const provider = createProvider(agent.provider, {
    http: httpClientOf(host, agent),
    wallMs: () => host.clock.now().wallMs,
    probe,
    tokenHeader,
  });
  const settings: AgentSettings = {
    agent: agent.name,
    provider: agent.provider,
    store,
    rotates: provider.capabilities.rotates,
    exchange: provider.capabilities.exchange,
    creates: provider.capabilities.create,
    tokensRevocable: provider.capabilities.revokeTokens || !provider.capabilities.exchange,
    probeEveryMs: probe?.everyMs ?? null,
    expiresAtMs: agent.expiresAtMs,
    inDoubt: agent.inDoubt,
    ttlMs: agent.ttlMs,
    refresh: agent.refresh,
    maxExchangesPerMinute: agent.maxExchangesPerMinute,
    exchangeDeadlineMs: agent.exchangeDeadlineMs,
    origin: new URL(agent.url).origin,
    exchanges,
  };
  return { settings, provider };
}

/** In the order in which they are taken. `folder` is the agent's own. */
export function lockPathsOf(host: Host, folder: string, store: SecretStore): readonly string[] {
  return [join(folder, 'lock'), storeLockPath(host.lockFolder, store.identity)];
}

/** The agent's server, over a connection of its own for each request. `deadlineMs` is for the answer to one. */
export function httpClientOf(
  { env }: Pick<Host, 'env'>,
  agent: AgentConfig,
  deadlineMs = agent.exchangeDeadlineMs,
): HttpClient {
  const timeouts = { connectMs: 10_000, headersMs: deadlineMs, bodyMs: deadlineMs };
  return createHttpClient({ url: agent.url, tls: agent.tls, env, timeouts });
}

/** The agent with this name. Throws `AGENT_UNKNOWN`. */
export function agentNamed(config: Config, name: string): AgentConfig {
  const agent = config.agents.find((each) => each.name === name);
  if (agent !== undefined) return agent;
  const names = config.agents.map((each) => each.name).join(', ');
  throw new TokenwardError('AGENT_UNKNOWN', `no agent ${name} in the configuration; it has ${names}`);
}
