import { KubernetesJournal } from '../../../src/journal/kubernetes-journal.ts';
import { SecretObject } from '../../../src/platform/kubernetes/secret-object.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { KubernetesSlots } from '../../../src/secrets/kubernetes-slots.ts';
import { SealedSecretStore } from '../../../src/secrets/sealed-secret-store.ts';
import { ManualClock } from '../manual-clock.ts';
import { MemoryDisk } from '../memory-disk.ts';
import { MemoryLog } from '../memory-log.ts';
import { FakeCluster, type Place } from './cluster.ts';
import { ModelApi } from './model-api.ts';

/** One agent's store and journal in a {@link FakeCluster}, as a pod has them. */

const agent = 'web-01';
export const at = { namespace: 'logs', name: agent };
export const secretPlace: Place = { resource: 'secrets', ...at };

export function clusterWithSecret(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.create(secretPlace);
  return cluster;
}

export interface PodOptions {
  readonly cluster: FakeCluster;
  readonly writer?: string;
  readonly clock?: Clock;
  /** Its volume; a new one otherwise. */
  readonly disk?: Disk;
}

const folder = `/state/agents/${agent}`;

export function newVolume(): MemoryDisk {
  const disk = new MemoryDisk();
  for (const path of ['/state', '/state/agents', folder]) disk.seedFolder(path);
  return disk;
}

export function createPod({
  cluster,
  writer = 'pod-a',
  clock = new ManualClock(),
  disk = newVolume(),
}: PodOptions) {
  const api = new ModelApi(cluster);
  const object = new SecretObject({ api, at, clock, random: systemRandom, writer });
  const log = new MemoryLog();
  const journal = new KubernetesJournal({ disk, random: systemRandom, folder, agent, object, log, clock });
  const aside: number[] = [];
  const keepAside = async (_sealed: Uint8Array, generation: number) => {
    aside.push(generation);
    return `${folder}/set-aside`;
  };
  const store = new SealedSecretStore(agent, new KubernetesSlots({ object, keepAside }), systemRandom);
  return { api, object, journal, store, log, aside, disk, clock };
}

export type Pod = ReturnType<typeof createPod>;

/** Lets time pass until the work is done. */
export async function elapseUntil<Value>(clock: ManualClock, work: Promise<Value>): Promise<Value> {
  const ended = { yet: false };
  const end = () => (ended.yet = true);
  work.then(end, end);
  while (!ended.yet) await clock.elapse(100);
  return work;
}
