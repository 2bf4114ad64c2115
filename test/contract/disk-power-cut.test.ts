import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import { powerCuts } from '../fakes/power-cuts.ts';

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

  it('may leave a name with empty or half contents', async () => {
    const disk = await diskWithFolder();
    await put(disk, '/d/a', 'text', { sync: false });
    await disk.syncFolder('/d');
    expect(outcomes(disk)).toEqual(['/d/a=', '/d/a=te', '/d/a=text']);
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
