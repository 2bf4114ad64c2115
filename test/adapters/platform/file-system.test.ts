import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unfitFileSystem, type FileSystemProbe } from '../../../src/platform/file-system.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tokenward-file-system-')));
});
afterEach(() => rm(folder, { recursive: true }));

const ext4 = 0xef53;
const fuse = 0x6573_5546;

/** A host on which every path has this type, with these mounts. */
function host(type: number, ...mounts: readonly string[]): FileSystemProbe {
  return { statfs: async () => ({ type }), mountTable: async () => `${mounts.join('\n')}\n` };
}

/** A line of /proc/self/mountinfo. */
function mount(point: string, type: string, root = '/'): string {
  return `2 1 8:1 ${root} ${point} rw,relatime shared:1 - ${type} source rw`;
}

const rootMount = mount('/', 'ext4');

describe('a file system that forgets', () => {
  it('is known by its type, also for what is not there yet', async () => {
    const tmpfs = { trait: 'ephemeral', name: 'tmpfs' };
    expect(await unfitFileSystem('/dev/shm')).toEqual(tmpfs);
    expect(await unfitFileSystem('/dev/shm/none/deeper')).toEqual(tmpfs);
  });

  it('is found behind a symbolic link', async () => {
    await symlink('/dev/shm', join(folder, 'link'));
    expect(await unfitFileSystem(join(folder, 'link', 'none'))).toMatchObject({ name: 'tmpfs' });
  });

  it.each([
    [0x8584_58f6, 'ramfs'],
    [0x794c_7630, 'overlay'],
  ])('%d: %s', async (type, name) => {
    expect(await unfitFileSystem(folder, host(type))).toEqual({ trait: 'ephemeral', name });
  });

  it('may be an emptyDir on a node’s disk', async () => {
    const pod = '/var/lib/kubelet/pods/0c0ffee0/volumes/kubernetes.io~empty-dir/state';
    const node = host(ext4, rootMount, mount(folder, 'ext4', pod));
    const emptyDir = { trait: 'ephemeral', name: 'emptyDir' };
    expect(await unfitFileSystem(join(folder, 'web-01'), node)).toEqual(emptyDir);
    expect(await unfitFileSystem(`${folder}-next-to-it`, node)).toBeNull();
  });
});

describe('a network file system', () => {
  it.each([
    [0x6969, 'nfs'],
    [0x517b, 'smb'],
    [0xff53_4d42, 'cifs'],
    [0xfe53_4d42, 'smb2'],
    [0xfe53_4d42 | 0, 'smb2'],
    [0x5346_414f, 'afs'],
    [0x6b41_4653, 'afs'],
    [0x0102_1997, '9p'],
    [0x00c3_6400, 'ceph'],
    [0x0bd0_0bd0, 'lustre'],
    [0x0116_1970, 'gfs2'],
    [0x7461_636f, 'ocfs2'],
    [0xbacb_acbc, 'vmhgfs'],
  ])('%d: %s', async (type, name) => {
    expect(await unfitFileSystem(folder, host(type))).toEqual({ trait: 'network', name });
  });

  it.each([
    ['fuse.sshfs', { trait: 'network', name: 'fuse.sshfs' }],
    ['fuse.glusterfs', { trait: 'network', name: 'fuse.glusterfs' }],
    ['virtiofs', { trait: 'network', name: 'virtiofs' }],
    ['fuse.fuse-overlayfs', { trait: 'ephemeral', name: 'fuse.fuse-overlayfs' }],
    ['fuseblk', null],
  ])('may be a program: %s', async (type, unfit) => {
    const table = [rootMount, mount(folder, 'ext4'), mount(folder, type)];
    expect(await unfitFileSystem(folder, host(fuse, ...table))).toEqual(unfit);
  });

  it('is one where the mount table has no word for it', async () => {
    const blind: FileSystemProbe = {
      statfs: async () => ({ type: fuse }),
      mountTable: () => Promise.reject(new Error('no /proc')),
    };
    expect(await unfitFileSystem(folder, blind)).toEqual({ trait: 'network', name: 'fuse' });
  });

  it('is told by the mount that the path is in, whatever its name has in it', async () => {
    const odd = join(folder, 'a b\\c');
    await mkdir(odd);
    const table = [mount('/', 'fuse.sshfs'), mount(join(folder, String.raw`a\040b\134c`), 'fuseblk')];
    expect(await unfitFileSystem(odd, host(fuse, ...table))).toBeNull();
    expect(await unfitFileSystem(folder, host(fuse, ...table))).toMatchObject({ name: 'fuse.sshfs' });
  });
});

describe('nothing is known against', () => {
  it.each([
    ['ext4', ext4],
    ['xfs', 0x5846_5342],
    ['btrfs', 0x9123_683e],
    ['zfs', 0x2fc1_2fc1],
  ])('%s', async (_name, type) => {
    expect(await unfitFileSystem(folder, host(type, rootMount))).toBeNull();
  });

  it('/proc of this host', async () => {
    expect(await unfitFileSystem('/proc')).toBeNull();
  });
});
