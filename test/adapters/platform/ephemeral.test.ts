import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ephemeralFileSystem } from '../../../src/platform/ephemeral.ts';

let folder: string;
let noMounts: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-ephemeral-'));
  noMounts = join(folder, 'no-mounts');
  await writeFile(noMounts, '');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file system that forgets', () => {
  it('is known by its type, also for what is not there yet', async () => {
    expect(await ephemeralFileSystem('/dev/shm')).toBe('tmpfs');
    expect(await ephemeralFileSystem('/dev/shm/none/deeper')).toBe('tmpfs');
  });

  it('is found behind a symbolic link', async () => {
    await symlink('/dev/shm', join(folder, 'link'));
    expect(await ephemeralFileSystem(join(folder, 'link', 'none'))).toBe('tmpfs');
  });

  it('may be an emptyDir on a node’s disk', async () => {
    const table = join(folder, 'mountinfo');
    const pod = '/var/lib/kubelet/pods/0c0ffee0/volumes/kubernetes.io~empty-dir/state';
    await writeFile(
      table,
      ['1 0 8:1 / / rw - ext4 /dev/sda1 rw', `2 1 8:1 ${pod} ${folder} rw - ext4 /dev/sda1 rw`, ''].join(
        '\n',
      ),
    );
    expect(await ephemeralFileSystem(join(folder, 'web-01'), table)).toBe('emptyDir');
    expect(await ephemeralFileSystem(`${folder}-next-to-it`, table)).toBe(
      await ephemeralFileSystem(tmpdir(), noMounts),
    );
  });

  it('is not /proc, and a missing mount table is no reason to fail', async () => {
    expect(await ephemeralFileSystem('/proc', join(folder, 'none'))).toBeNull();
  });
});
