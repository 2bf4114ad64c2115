import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { FileSlots } from '../../../src/secrets/file-slots.ts';
import { KeyFile } from '../../../src/secrets/key-file.ts';
import { SealedSecretStore } from '../../../src/secrets/sealed-secret-store.ts';
import { storedSecret } from '../../contract/secret-store-contract.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';

const { signal } = new AbortController();
const agent = 'web-01';

function fileStore(disk: Disk, root: string, random = systemRandom): SealedSecretStore {
  const uid = process.getuid?.() ?? 0;
  const keySource = new KeyFile({ path: join(root, 'wrapping.key'), uid, disk, random });
  const slots = new FileSlots({ folder: join(root, 'agents', agent), keySource, disk, random });
  return new SealedSecretStore(agent, slots, random);
}

describe('on a real disk', () => {
  let root: string;
  let umask: number;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tokenward-secrets-'));
    umask = process.umask(0);
  });
  afterEach(async () => {
    process.umask(umask);
    await rm(root, { recursive: true });
  });

  const modeOf = async (...path: string[]) => (await stat(join(root, ...path))).mode & 0o7777;

  it.each([0o000, 0o022, 0o077])(
    'gives its files and folders to their owner alone under umask %o',
    async (mask) => {
      process.umask(mask);
      const store = fileStore(systemDisk, root);
      await store.createKey(signal);
      await store.save('current', storedSecret('s3cret'), signal);
      await store.save('candidate', storedSecret('s3cret', 2), signal);
      expect(await modeOf('wrapping.key')).toBe(0o600);
      expect(await modeOf('agents')).toBe(0o700);
      expect(await modeOf('agents', agent)).toBe(0o700);
      expect(await modeOf('agents', agent, 'secret.sealed')).toBe(0o600);
      expect(await modeOf('agents', agent, 'candidate.sealed')).toBe(0o600);
    },
  );

  it('writes no secret in clear, in no encoding', async () => {
    const store = fileStore(systemDisk, root);
    await store.createKey(signal);
    await store.save('current', storedSecret('correct-horse-battery'), signal);
    await store.proveWritable(signal);
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    const contents = files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name)));
    const all = Buffer.concat(await Promise.all(contents)).toString('latin1');
    expect(all).not.toContain('correct-horse');
    expect(all).not.toContain(Buffer.from('correct-horse').toString('base64').slice(0, -4));
    expect(all).not.toContain(Buffer.from('correct-horse').toString('hex'));
  });

  it('names its folder as its identity', () => {
    expect(fileStore(systemDisk, root).identity).toBe(`file:${join(root, 'agents', agent)}`);
  });
});

describe('on a disk that fails', () => {
  it.each(['ENOSPC', 'EROFS', 'EACCES', 'EDQUOT', 'EIO'])(
    'says STORE_UNAVAILABLE for %s at any step, and keeps the old secret or has the new one',
    async (errno) => {
      for (let step = 0; ; step += 1) {
        const disk = await diskWithGeneration(1);
        const store = fileStore(disk, '/state', new SeededRandom(step));
        disk.failAt(disk.operations.length + step, errno);
        const failure = await store.save('current', storedSecret('new', 2), signal).then(
          () => null,
          (error: { code: string; message: string }) => error,
        );
        disk.fault = () => null;
        expect([1, 2]).toContain(await generationOn(disk));
        if (failure === null) {
          expect(step).toBeGreaterThan(8);
          return;
        }
        expect(['STORE_UNAVAILABLE', 'KEY_FILE_UNUSABLE']).toContain(failure.code);
        expect(failure.message).toContain(errno);
      }
    },
  );

  it('fails the proof when the disk is full, and leaves nothing of it', async () => {
    const disk = await diskWithGeneration(1);
    disk.fault = ([step]) => (step === 'write' ? 'ENOSPC' : null);
    const proof = fileStore(disk, '/state').proveWritable(signal);
    await expect(proof).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', fields: { errno: 'ENOSPC' } });
    expect([...disk.files().keys()].toSorted()).toEqual([
      '/state/agents/web-01/secret.sealed',
      '/state/wrapping.key',
    ]);
  });

  it('does not call a secret absent that it cannot read', async () => {
    const disk = await diskWithGeneration(1);
    disk.fault = ([step, path]) => (step === 'read' && path?.endsWith('secret.sealed') ? 'EIO' : null);
    await expect(fileStore(disk, '/state').load(signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('after a power cut', () => {
  /** What may be lost is lost, is kept, or is anything between, by a seed. */
  const fates = [() => 0, (options: number) => options - 1, ...[1, 2, 3, 4].map(seededFate)];

  it.each(fates)('in the middle of a save there is the old secret or the new one (%#)', async (fate) => {
    for (let step = 0; ; step += 1) {
      const disk = await diskWithGeneration(1);
      const cutAt = disk.operations.length + step;
      let cut: MemoryDisk | null = null;
      disk.fault = (_operation, index) => {
        if (index === cutAt) cut = disk.crash(fate);
        return null;
      };
      await fileStore(disk, '/state').save('current', storedSecret('new', 2), signal);
      const generation = await generationOn(cut ?? disk.crash(fate));
      if (cut === null) {
        expect(generation).toBe(2);
        return;
      }
      expect([1, 2]).toContain(generation);
    }
  });

  it('a key, a first secret and their folders stay where they were acknowledged', async () => {
    const disk = new MemoryDisk();
    disk.seedFolder('/state');
    const store = fileStore(disk, '/state');
    const key = await store.createKey(signal);
    await store.save('candidate', storedSecret('first', 1), signal);
    const image = await fileStore(
      disk.crash(() => 0),
      '/state',
    ).load(signal);
    expect(image).toMatchObject({ key, nextKey: null, current: null, candidate: { generation: 1 } });
  });

  it('a first secret stays also in a folder that somebody else has just made', async () => {
    const disk = new MemoryDisk();
    disk.seedFolder('/state/agents');
    const store = fileStore(disk, '/state');
    await store.createKey(signal);
    await disk.makeFolder('/state/agents/web-01', 0o700);
    await store.save('candidate', storedSecret('first', 1), signal);
    const image = await fileStore(
      disk.crash(() => 0),
      '/state',
    ).load(signal);
    expect(image).toMatchObject({ candidate: { generation: 1 } });
  });

  it('a removed candidate stays away, also when the first removal was not finished', async () => {
    const disk = await diskWithGeneration(1);
    const store = fileStore(disk, '/state');
    await store.save('candidate', storedSecret('spent', 2), signal);
    disk.fault = ([step]) => (step === 'sync-folder' ? 'EIO' : null);
    await expect(store.removeCandidate(signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    disk.fault = () => null;
    await store.removeCandidate(signal);
    expect(
      await fileStore(
        disk.crash(() => 0),
        '/state',
      ).load(signal),
    ).toMatchObject({ candidate: null });
  });

  it('what an interrupted save left is removed by the next one, and nothing else is', async () => {
    const disk = await diskWithGeneration(1);
    const folder = '/state/agents/web-01';
    disk.seed(`${folder}/.secret.sealed.0123456789abcdef.tmp`, 'half a record');
    disk.seed(`${folder}/journal.sealed`, 'of the journal');
    await fileStore(disk, '/state').save('current', storedSecret('new', 2), signal);
    const names = await disk.list(folder);
    expect(names).toEqual(['journal.sealed', 'secret.sealed']);
  });

  it('what an interrupted hand-over left is removed by the next proof', async () => {
    const disk = await diskWithGeneration(1);
    const folder = '/state/agents/web-01';
    disk.seed(`${folder}/.candidate.sealed.0123456789abcdef.tmp`, 'half a record');
    await fileStore(disk, '/state').proveWritable(signal);
    expect(await disk.list(folder)).toEqual(['secret.sealed']);
  });
});

async function diskWithGeneration(generation: number): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  disk.seedFolder('/state');
  const store = fileStore(disk, '/state');
  await store.createKey(signal);
  await store.save('current', storedSecret('old', generation), signal);
  return disk;
}

/** Of the current secret, which is there and readable. */
async function generationOn(disk: MemoryDisk): Promise<number> {
  const { current } = await fileStore(disk, '/state').load(signal);
  if (current === null || current === 'unreadable') throw new Error(`the current secret is ${current}`);
  return current.generation;
}

function seededFate(seed: number): (options: number) => number {
  const random = new SeededRandom(seed);
  return (options) => random.below(options);
}
