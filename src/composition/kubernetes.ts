import { hostname } from 'node:os';
import type { AgentConfig } from '../config/config.ts';
import { setAsideName } from '../domain/set-aside.ts';
import type { AgentParts } from '../engine/agent-parts.ts';
import { KubernetesJournal } from '../journal/kubernetes-journal.ts';
import { endless } from '../platform/endless.ts';
import { createLeaseLocks, LEASE_PREFIX, leaseLockPath } from '../platform/kubernetes/lease-locks.ts';
import { openKubernetes } from '../platform/kubernetes/open-object.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Locks } from '../ports/lock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { kubernetesStore } from '../secrets/registry.ts';

/** An agent whose secret and journal are in a Kubernetes Secret, and whose lock is a Lease beside the one on its volume. */

/** Milliseconds to save an answer after the deadline of its exchange. */
const SAVE_MS = 10_000;

type StoreConfig = Extract<AgentConfig['secret'], { store: 'kubernetes' }>;

export interface KubernetesHost {
  readonly disk: Disk;
  readonly random: Random;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** Of this host. */
  readonly locks: Locks;
}

interface Place {
  readonly agent: AgentConfig;
  readonly secret: StoreConfig;
  /** The agent's own folder. */
  readonly folder: string;
  /** Of this volume. */
  readonly ownLock: string;
  readonly log: Log;
}

/** Throws `CONFIG_INVALID` as `openKubernetes` does. */
export function kubernetesParts(
  host: KubernetesHost,
  { agent, secret, folder, ownLock, log }: Place,
): Pick<AgentParts, 'store' | 'journal' | 'locks' | 'lockPaths' | 'identity'> {
  const { disk, random, clock, env } = host;
  const writer = writerName(env, random.uuid());
  const { api, object, lease } = openKubernetes(secret, { env, disk, clock, random, writer });
  const journal = new KubernetesJournal({ object, log, clock, disk, random, folder, agent: agent.name });
  const keepAside = async (sealed: Uint8Array, generation: number) => {
    const attic = await journal.openAttic(setAsideName(clock.now()));
    await attic.keep('kubernetes-current.sealed', sealed);
    log.error('secret-kept-aside', { path: attic.place, generation });
    return attic.place;
  };
  const store = kubernetesStore(agent.name, { object, keepAside }, random);
  const neededMs = agent.exchangeDeadlineMs + SAVE_MS;
  const leases = createLeaseLocks({ api, clock, holder: writer, neededMs });
  return {
    store,
    journal,
    locks: routed(host.locks, leases),
    lockPaths: [ownLock, leaseLockPath(lease)],
    // a pod that comes in the place of another is no clone of it: they have the same object
    identity: async () => `secret:${(await object.read(endless())).uid}`,
  };
}

/** Of this life of this process, and of no other. */
function writerName(env: NodeJS.ProcessEnv, uuid: string): string {
  return `${env['POD_NAME'] ?? hostname()}_${uuid}`;
}

function routed(files: Locks, leases: Locks): Locks {
  return { tryAcquire: (path) => (path.startsWith(LEASE_PREFIX) ? leases : files).tryAcquire(path) };
}
