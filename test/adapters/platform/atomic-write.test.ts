import { describe, expect, it } from 'vitest';
import { removeLeftovers, writeAtomically } from '../../../src/platform/atomic-write.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { powerCuts } from '../../fakes/power-cuts.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';

const NEW = Buffer.from('the new contents');
const access = { mode: 0o640, owner: { uid: 7, gid: 8 } };

function diskWithOld(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.seed('/state/web-01', 'the old contents');
  return disk;
}

const write = (disk: MemoryDisk, seed = 1): Promise<void> =>
  writeAtomically(disk, new SeededRandom(seed), '/state/web-01', NEW, access);

const contents = (disk: MemoryDisk): string => String(disk.files().get('/state/web-01'));

describe('replacing a file', () => {
  it('goes through a temporary one in the same folder', async () => {
    const disk = diskWithOld();
    await write(disk);
    const temporary = disk.operations[0]?.[1] ?? '';
    expect(temporary).toMatch(/^\/state\/\.web-01\.[0-9a-f]{16}\.tmp$/);
    expect(disk.operations).toEqual([
      ['create', temporary],
      ['write', temporary],
      ['set-owner', temporary],
      ['sync', temporary],
      ['close', temporary],
      ['rename', temporary, '/state/web-01'],
      ['sync-folder', '/state'],
    ]);
    expect(await disk.stat('/state/web-01')).toMatchObject({ mode: 0o640, uid: 7, gid: 8 });
  });

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'that fails at step %d leaves the old or the new, and no rubbish',
    async (step) => {
      const disk = diskWithOld();
      disk.failAt(step, 'ENOSPC');
      await expect(write(disk)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect([...disk.files().keys()]).toEqual(['/state/web-01']);
      expect(contents(disk)).toBe(step === 6 ? 'the new contents' : 'the old contents');
    },
  );

  it('tells the first failure where cleaning up fails too', async () => {
    const disk = diskWithOld();
    disk.fault = ([step]) => ({ sync: 'EIO', remove: 'EROFS' })[step as string] ?? null;
    await expect(write(disk)).rejects.toMatchObject({ code: 'EIO' });
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('that is cut off before step %d leaves the old or the new', async (step) => {
    const disk = diskWithOld();
    disk.fault = (_operation, index) => (index >= step ? 'EIO' : null);
    await expect(write(disk)).rejects.toMatchObject({ code: 'EIO' });
    for (const crashed of powerCuts(disk)) {
      expect(contents(crashed)).toBeOneOf(['the old contents', 'the new contents']);
    }
  });

  it('is durable when it is done', async () => {
    const disk = diskWithOld();
    await write(disk);
    expect([...powerCuts(disk)].map(contents)).toEqual(['the new contents']);
  });
});

describe('leftovers', () => {
  it('are removed, and nothing that only looks like them', async () => {
    const disk = new MemoryDisk();
    const others = [
      '.web-01.0123456789abcde.tmp',
      '.web-01.0123456789ABCDEF.tmp',
      '.web-01.0123456789abcdef.tmp.old',
      '.web-01.x.0123456789abcdef.tmp',
      '.web.0123456789abcdef.tmp',
      'web-01',
      'web-01.0123456789abcdef.tmp',
    ];
    for (const name of [...others, '.web-01.0123456789abcdef.tmp']) disk.seed(`/state/${name}`);
    await removeLeftovers(disk, '/state', 'web-01');
    expect(await disk.list('/state')).toEqual(others.toSorted());
  });

  it('need no folder', async () => {
    await expect(removeLeftovers(new MemoryDisk(), '/none', 'web-01')).resolves.toBeUndefined();
  });
});
