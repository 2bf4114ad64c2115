import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLocks } from '../../../src/platform/file-locks.ts';
import { lockFolder, remakingFolder, storeLockPath } from '../../../src/platform/lock-folder.ts';
import { loadNative } from '../../../src/platform/native.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import type { Locks } from '../../../src/ports/lock.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';

const uid = process.getuid?.() ?? 0;
const unusable: unknown = expect.objectContaining({ code: 'STATE_DIR_UNUSABLE' });

let base: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tokenward-lock-folder-'));
  folder = join(base, `tokenward-${uid}`);
});
afterEach(() => rm(base, { recursive: true }));

describe('the folder for locks', () => {
  it('is made for its owner alone, and found again', async () => {
    expect(await lockFolder(systemDisk, uid, [base])).toBe(folder);
    expect((await stat(folder)).mode & 0o7777).toBe(0o700);
    expect(await lockFolder(systemDisk, uid, [base])).toBe(folder);
  });

  it('is made by two at once', async () => {
    const both = await Promise.all([
      lockFolder(systemDisk, uid, [base]),
      lockFolder(systemDisk, uid, [base]),
    ]);
    expect(both).toEqual([folder, folder]);
  });

  it('lies in the next place where the first is missing', async () => {
    expect(await lockFolder(systemDisk, uid, [join(base, 'none'), base])).toBe(folder);
    await expect(lockFolder(systemDisk, uid, [join(base, 'none')])).rejects.toEqual(unusable);
  });

  it.each(['EACCES', 'EROFS', 'EPERM'])('lies in the next place where the first answers %s', async (code) => {
    const disk = new MemoryDisk();
    disk.seedFolder('/run/lock');
    disk.seedFolder('/tmp');
    disk.fault = ([step, path]) => (step === 'make-folder' && path === '/run/lock/tokenward-0' ? code : null);
    expect(await lockFolder(disk, 0)).toBe('/tmp/tokenward-0');
  });

  it.runIf(uid === 0)('is not taken from another user', async () => {
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, 4711, 4711);
    await expect(lockFolder(systemDisk, uid, [base])).rejects.toEqual(unusable);
  });

  it.each([0o770, 0o702])('is not used where others may write, mode %d', async (mode) => {
    await mkdir(folder);
    await chmod(folder, mode);
    await expect(lockFolder(systemDisk, uid, [base])).rejects.toEqual(unusable);
  });

  it('is a real folder', async () => {
    await symlink(base, folder);
    await expect(lockFolder(systemDisk, uid, [base])).rejects.toEqual(unusable);
    await rm(folder);
    await writeFile(folder, '');
    await expect(lockFolder(systemDisk, uid, [base])).rejects.toEqual(unusable);
  });
});

async function locksIn(): Promise<Locks> {
  return remakingFolder(createFileLocks(await loadNative()), { disk: systemDisk, folder, uid });
}

describe('the folder for locks, removed while in use', () => {
  it('is made again for the next lock', async () => {
    await lockFolder(systemDisk, uid, [base]);
    const locks = await locksIn();
    const path = storeLockPath(folder, 'file:/state');
    const lock = await locks.tryAcquire(path);
    await rm(folder, { recursive: true });
    expect(lock.held && (await lock.stillInPlace())).toBe(false);
    const again = await locks.tryAcquire(path);
    expect(again.held && (await again.stillInPlace())).toBe(true);
    for (const each of [lock, again]) if (each.held) await each.release();
  });

  it('is not taken from whoever made it meanwhile, and no other folder is made', async () => {
    const locks = await locksIn();
    await writeFile(folder, '');
    await expect(locks.tryAcquire(storeLockPath(folder, 'file:/state'))).rejects.toEqual(unusable);
    const elsewhere = join(base, 'agents', 'lock');
    await expect(locks.tryAcquire(elsewhere)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

it('a store’s lock has a name that any identity fits into', () => {
  const path = storeLockPath('/locks', `keychain:${'x'.repeat(300)}/../..`);
  expect(path).toMatch(/^\/locks\/[0-9a-f]{64}$/);
  expect(path).toBe(storeLockPath('/locks', `keychain:${'x'.repeat(300)}/../..`));
  expect(path).not.toBe(storeLockPath('/locks', 'keychain:y'));
});
