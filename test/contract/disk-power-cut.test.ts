import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import { powerCuts } from '../fakes/power-cuts.ts';
import { sectorBytes } from '../fakes/torn-file.ts';

/** What `MemoryDisk` says a power cut may take: the promises of `Disk` on durability, seen from the other side. */

async function diskWithFolder(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  disk.seedFolder('/d');
  return disk;
}

async function put(
  disk: MemoryDisk,
  path: string,
  contents: string,
  { sync }: { sync: boolean },
): Promise<void> {
  const file = await disk.create(path, 0o600);
  await file.write(Buffer.from(contents));
  if (sync) await file.sync();
  await file.close();
}

/** All outcomes, each as `name=contents` of every file. */
function outcomes(disk: MemoryDisk): readonly string[] {
  const states = Array.from(powerCuts(disk), (crashed) =>
    Array.from(crashed.files(), ([path, contents]) => `${path}=${String(contents)}`).join(' '),
  );
  return [...new Set(states)].toSorted();
}

describe('a power cut', () => {
  it('takes nothing of what was synced, name and contents', async () => {
    const disk = await diskWithFolder();
    await put(disk, '/d/a', 'text', { sync: true });
    await disk.syncFolder('/d');
    expect(outcomes(disk)).toEqual(['/d/a=text']);
  });

  it('may take a name whose folder was not synced', async () => {
    const disk = await diskWithFolder();
    await put(disk, '/d/a', 'text', { sync: true });
    expect(outcomes(disk)).toEqual(['', '/d/a=text']);
  });

  it('may leave a name without its contents, and the length of a file without its bytes', async () => {
    const disk = await diskWithFolder();
    await put(disk, '/d/a', 'text', { sync: false });
    await disk.syncFolder('/d');
    expect(outcomes(disk)).toEqual(['/d/a=', '/d/a=\0\0\0\0', '/d/a=text']);
  });

  it('tears a file at every border of its sectors, and may leave out any of them', async () => {
    const disk = await diskWithFolder();
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(sectorBytes)) as [string, string, string];
    await put(disk, '/d/a', `${a}${b}${c}`, { sync: false });
    await disk.syncFolder('/d');
    const zeros = '\0'.repeat(sectorBytes);
    const ofOne = [a, zeros];
    const ofTwo = ofOne.flatMap((text) => [text + b, text + zeros]);
    const ofThree = ofTwo.flatMap((text) => [text + c, text + zeros]);
    expect(outcomes(disk)).toEqual(
      ['', ...ofOne, ...ofTwo, ...ofThree].map((text) => `/d/a=${text}`).toSorted(),
    );
  });

  it('tears a long file in a few ways only, of which the first loses all and the last nothing', async () => {
    const disk = await diskWithFolder();
    const text = 'x'.repeat(100 * sectorBytes);
    await put(disk, '/d/a', text, { sync: false });
    await disk.syncFolder('/d');
    const lengths = Array.from(powerCuts(disk), (cut) => cut.files().get('/d/a')?.length ?? 0);
    expect(lengths.toSorted((one, other) => one - other)).toEqual(
      [0, 1, 50, 99, 100, 100, 100, 100, 100].map((sectors) => sectors * sectorBytes),
    );
    expect(
      disk
        .crash(() => 0)
        .files()
        .get('/d/a'),
    ).toHaveLength(0);
    expect(
      String(
        disk
          .crash((options) => options - 1)
          .files()
          .get('/d/a'),
      ),
    ).toBe(text);
  });

  it('takes only what was written after the last sync', async () => {
    const disk = await diskWithFolder();
    const file = await disk.create('/d/a', 0o600);
    await file.write(Buffer.from('synced, '));
    await file.sync();
    await file.write(Buffer.from('not synced'));
    await disk.syncFolder('/d');
    expect(outcomes(disk)).toEqual([
      '/d/a=synced, ',
      `/d/a=synced, ${'\0'.repeat(10)}`,
      '/d/a=synced, not synced',
    ]);
  });

  it('may give a file back to its first owner', async () => {
    const disk = await diskWithFolder();
    const file = await disk.create('/d/a', 0o640);
    await file.setOwner(7, -1);
    await disk.syncFolder('/d');
    const owners = await Promise.all(Array.from(powerCuts(disk), (cut) => cut.stat('/d/a')));
    expect(new Set(owners.map((found) => found?.uid))).toEqual(new Set([0, 7]));
    await file.sync();
    expect(await disk.crash(() => 0).stat('/d/a')).toMatchObject({ uid: 7, gid: 0, mode: 0o640 });
  });

  it('may take one name of a file and leave the other', async () => {
    const disk = await diskWithFolder();
    disk.seed('/d/a', 'text');
    await disk.link('/d/a', '/d/b');
    await disk.remove('/d/a');
    expect(outcomes(disk)).toEqual(['', '/d/a=text', '/d/a=text /d/b=text', '/d/b=text']);
    await disk.syncFolder('/d');
    expect(outcomes(disk)).toEqual(['/d/b=text']);
  });

  it('undoes a rename as a whole or not at all', async () => {
    const disk = await diskWithFolder();
    disk.seed('/d/old', 'old');
    disk.seed('/d/new', 'new');
    await disk.rename('/d/new', '/d/old');
    expect(outcomes(disk)).toEqual(['/d/old=new', '/d/old=old /d/new=new']);
    await disk.syncFolder('/d');
    expect(outcomes(disk)).toEqual(['/d/old=new']);
  });

  it('may bring back what was removed', async () => {
    const disk = await diskWithFolder();
    disk.seed('/d/a', 'text');
    await disk.remove('/d/a');
    expect(outcomes(disk)).toEqual(['', '/d/a=text']);
    await disk.syncFolder('/d');
    expect(outcomes(disk)).toEqual(['']);
  });

  it('may take a folder with all that is in it', async () => {
    const disk = await diskWithFolder();
    await disk.makeFolder('/d/sub', 0o700);
    await put(disk, '/d/sub/a', 'text', { sync: true });
    await disk.syncFolder('/d/sub');
    expect(outcomes(disk)).toEqual(['', '/d/sub/a=text']);
  });

  it('takes nothing from a copy, which has what programs see', async () => {
    const disk = await diskWithFolder();
    await put(disk, '/d/a', 'text', { sync: false });
    expect(outcomes(disk.copy())).toEqual(['/d/a=text']);
  });

  it('leaves a disk of its own: what follows does not change the one before', async () => {
    const disk = await diskWithFolder();
    disk.seed('/d/a', 'text');
    const [crashed = disk] = powerCuts(disk);
    await crashed.remove('/d/a');
    expect(disk.files().size).toBe(1);
    expect(crashed.files().size).toBe(0);
  });
});

describe('a step that fails', () => {
  it('is recorded, and has no effect', async () => {
    const disk = await diskWithFolder();
    disk.failAt(0, 'EROFS');
    await expect(disk.create('/d/a', 0o600)).rejects.toMatchObject({ code: 'EROFS' });
    await put(disk, '/d/a', 'text', { sync: true });
    expect(disk.operations.map(([step]) => step)).toEqual(['create', 'create', 'write', 'sync', 'close']);
  });

  it('leaves half of a write when the disk is full', async () => {
    const disk = await diskWithFolder();
    disk.failAt(1, 'ENOSPC');
    await expect(put(disk, '/d/a', 'text', { sync: true })).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(String(disk.files().get('/d/a'))).toBe('te');
  });
});
