import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemDisk } from '../../src/platform/system-disk.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { FileSlots } from '../../src/secrets/file-slots.ts';
import { KeyFile } from '../../src/secrets/key-file.ts';
import { MemorySecretStore } from '../../src/secrets/memory-secret-store.ts';
import { SealedSecretStore } from '../../src/secrets/sealed-secret-store.ts';
import { clusterWithSecret, createPod, secretPlace } from '../fakes/kubernetes/pods.ts';
import { MemorySlots } from '../fakes/memory-slots.ts';
import { describeSecretStore, flipped } from './secret-store-contract.ts';
import { describeSealedSecretStore } from './secret-store-rekey-contract.ts';

const agent = 'web-01';

describeSecretStore('memory', async () => {
  const store = new MemorySecretStore('/state/agents/web-01', systemRandom);
  return { open: () => store, dispose: async () => {} };
});

describeSealedSecretStore('sealed, on slots in memory', async () => {
  const slots = new MemorySlots();
  const names = ['key', 'current', 'candidate'] as const;
  return {
    open: () => new SealedSecretStore(agent, slots, systemRandom),
    durable: {
      damage: async (slot) => {
        slots[slot] = flipped(slots[slot]);
      },
      list: async () => names.filter((name) => slots[name] !== null),
    },
    dispose: async () => {},
  };
});

describeSealedSecretStore('file', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tokenward-secrets-'));
  const folder = join(root, 'agents', agent);
  const uid = process.getuid?.() ?? 0;
  const keySource = new KeyFile({
    path: join(root, 'wrapping.key'),
    uid,
    disk: systemDisk,
    random: systemRandom,
  });
  return {
    open: () => {
      const slots = new FileSlots({ folder, keySource, disk: systemDisk, random: systemRandom });
      return new SealedSecretStore(agent, slots, systemRandom);
    },
    durable: {
      damage: async (slot) => {
        const path = join(folder, slot === 'current' ? 'secret.sealed' : 'candidate.sealed');
        await writeFile(path, flipped(await readFile(path)));
      },
      list: async () => (await readdir(root, { recursive: true })).toSorted(),
    },
    dispose: () => rm(root, { recursive: true }),
  };
});

describeSealedSecretStore('kubernetes', async () => {
  const cluster = clusterWithSecret();
  const dataOf = () => cluster.get(secretPlace).data ?? {};
  return {
    open: () => createPod({ cluster }).store,
    durable: {
      damage: async (slot) => {
        const damaged = flipped(Buffer.from(dataOf()[slot] ?? '', 'base64'));
        cluster.edit(secretPlace, (object) => ({
          ...object,
          data: { ...object.data, [slot]: Buffer.from(damaged).toString('base64') },
        }));
      },
      list: async () => Object.keys(dataOf()).toSorted(),
    },
    dispose: async () => {},
  };
});
