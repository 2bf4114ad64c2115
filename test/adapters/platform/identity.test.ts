import { describe, expect, it } from 'vitest';
import { readIdentity, type IdentitySources } from '../../../src/platform/identity.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';

const MACHINE_ID = '0123456789abcdef0123456789abcdef';
const HOST = /^host:[0-9a-f]{64}$/;
const VOLUME = /^volume:[0-9a-f-]{36}$/;

const sources = (env: IdentitySources['env'] = {}): IdentitySources => ({
  env,
  machineIdPath: '/etc/machine-id',
  containerMarks: ['/.dockerenv', '/run/.containerenv'],
});

function host(machineId = `${MACHINE_ID}\n`): MemoryDisk {
  const disk = new MemoryDisk();
  disk.seed('/etc/machine-id', machineId);
  disk.seedFolder('/state');
  return disk;
}

const identityOf = (disk: MemoryDisk, env: IdentitySources['env'] = {}, seed = 1): Promise<string> =>
  readIdentity(disk, new SeededRandom(seed), '/state', sources(env));

describe('the identity of a host', () => {
  it('comes from its machine id, does not show it, and writes nothing', async () => {
    const disk = host();
    const identity = await identityOf(disk);
    expect(identity).toMatch(HOST);
    expect(identity).not.toContain(MACHINE_ID);
    expect(await identityOf(disk, {}, 2)).toBe(identity);
    expect(await identityOf(host(`${'f'.repeat(32)}\n`))).not.toBe(identity);
    expect(await disk.list('/state')).toEqual([]);
  });

  it.each(['', 'uninitialized\n', 'not an id'])(
    'is that of its volume while the machine id is %j',
    async (machineId) => {
      expect(await identityOf(host(machineId))).toMatch(VOLUME);
    },
  );

  it('is that of its volume where there is no machine id', async () => {
    const disk = new MemoryDisk();
    disk.seedFolder('/state');
    expect(await identityOf(disk)).toMatch(VOLUME);
  });
});

describe('the identity of a container', () => {
  it.each([{ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, { container: 'podman' }])(
    'is that of its volume, by %o',
    async (env) => {
      expect(await identityOf(host(), env)).toMatch(VOLUME);
    },
  );

  it.each(['/.dockerenv', '/run/.containerenv'])('is that of its volume, by %s', async (mark) => {
    const disk = host();
    disk.seed(mark);
    expect(await identityOf(disk)).toMatch(VOLUME);
  });

  it('is made once, for its owner alone, and survives a power cut', async () => {
    const disk = host();
    const identity = await identityOf(disk, { container: 'docker' });
    expect(await disk.stat('/state/volume-id')).toMatchObject({ mode: 0o600 });
    const restarted = disk.crash(() => 0);
    expect(await identityOf(restarted, { container: 'docker' }, 2)).toBe(identity);
  });

  it('is never guessed from a damaged file', async () => {
    const disk = host();
    disk.seed('/state/volume-id', 'rubbish');
    await expect(identityOf(disk, { container: 'docker' })).rejects.toMatchObject({
      code: 'STATE_DIR_UNUSABLE',
    });
    expect(String(disk.files().get('/state/volume-id'))).toBe('rubbish');
  });
});
