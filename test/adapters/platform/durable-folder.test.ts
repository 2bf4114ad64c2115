import { describe, expect, it } from 'vitest';
import { makeDurableFolder } from '../../../src/platform/durable-folder.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';

const path = '/var/lib/tokenward';

function diskWith(...folders: string[]): MemoryDisk {
  const disk = new MemoryDisk();
  for (const folder of folders) disk.seedFolder(folder, 0o755);
  return disk;
}

describe('a folder that must last', () => {
  it('is there after a power cut, with its mode', async () => {
    const disk = diskWith('/var/lib');
    await makeDurableFolder(disk, path, 0o700);
    expect(await disk.crash(() => 0).stat(path)).toMatchObject({ kind: 'folder', mode: 0o700 });
  });

  it('is left as it is where it exists, and made durable where a killed process did not come so far', async () => {
    const disk = diskWith('/var/lib');
    await disk.makeFolder(path, 0o750);
    expect(await disk.crash(() => 0).stat(path)).toBeNull();
    await makeDurableFolder(disk, path, 0o700);
    expect(await disk.crash(() => 0).stat(path)).toMatchObject({ mode: 0o750 });
  });

  it.each(['EACCES', 'EPERM'])('may lie in a folder that we may not open (%s)', async (errno) => {
    const disk = diskWith(path);
    disk.fault = ([step]) => (step === 'sync-folder' ? errno : null);
    await makeDurableFolder(disk, path, 0o700);
    expect(await disk.stat(path)).toMatchObject({ mode: 0o755 });
  });

  it.each([
    ['a disk that fails', diskWith(path), 'sync-folder', 'EIO'],
    ['a new one whose name cannot be made durable', diskWith('/var/lib'), 'sync-folder', 'EACCES'],
    ['no permission to make it', diskWith('/var/lib'), 'make-folder', 'EACCES'],
  ] as const)('is an error with %s', async (_what, disk, failing, errno) => {
    disk.fault = ([step]) => (step === failing ? errno : null);
    await expect(makeDurableFolder(disk, path, 0o700)).rejects.toMatchObject({ code: errno });
  });
});
