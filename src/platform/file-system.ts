import { readFile, realpath, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode } from './system-error.ts';

/**
 * What kind of file system a folder lies on, as far as it is unfit for state that must outlive a crash and belong to one
 * process. A network or cluster file system may take flock(2) for this host only, emulate it, or keep a dead holder's lock
 * until a lease ends; and what it does at fsync(2) is up to another machine.
 */

export interface UnfitFileSystem {
  /** `ephemeral`: its files are gone after a reboot, or with their container. `network`: other hosts have a part in it. */
  readonly trait: 'ephemeral' | 'network';
  /** Such as `tmpfs`, `emptyDir`, `nfs`, `fuse.sshfs`. */
  readonly name: string;
}

/** What is asked of the host. */
export interface FileSystemProbe {
  /** statfs(2); `type` is its f_type. */
  readonly statfs: (path: string) => Promise<{ readonly type: number }>;
  /** The text of /proc/self/mountinfo (proc(5)); rejects where there is none. */
  readonly mountTable: () => Promise<string>;
}

const systemProbe: FileSystemProbe = {
  statfs,
  mountTable: () => readFile('/proc/self/mountinfo', 'utf8'),
};

/** Numbers of statfs(2) and of the kernel's include/uapi/linux/magic.h; those of other vendors from their own headers. */
const ephemeralTypes = new Map([
  [0x0102_1994, 'tmpfs'],
  [0x8584_58f6, 'ramfs'],
  [0x794c_7630, 'overlay'],
]);
const networkTypes = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff53_4d42, 'cifs'],
  [0xfe53_4d42, 'smb2'],
  [0x564c, 'ncp'],
  [0x7375_7245, 'coda'],
  [0x5346_414f, 'afs'],
  [0x6b41_4653, 'afs'],
  [0x0102_1997, '9p'],
  [0x00c3_6400, 'ceph'],
  [0x0116_1970, 'gfs2'],
  [0x7461_636f, 'ocfs2'],
  [0x0bd0_0bd0, 'lustre'],
  [0x4750_4653, 'gpfs'],
  [0x1983_0326, 'beegfs'],
  [0x2003_0528, 'orangefs'],
  [0xaad7_aaea, 'panfs'],
  // folders of the machine that runs this virtual one
  [0xbacb_acbc, 'vmhgfs'],
  [0x786f_4256, 'vboxsf'],
]);
const fuseType = 0x6573_5546;
/** A Kubernetes emptyDir sits on the node's own disk; only the mount's root (a folder of the kubelet) tells. */
const emptyDir = '/volumes/kubernetes.io~empty-dir/';

/**
 * What makes the file system at `path` unfit; null where nothing is known against it. Where the path does not exist yet, its
 * nearest parent is asked.
 */
export async function unfitFileSystem(
  path: string,
  probe: FileSystemProbe = systemProbe,
): Promise<UnfitFileSystem | null> {
  const existing = await nearestExisting(resolve(path));
  // some kernels sign-extend the number
  const type = (await probe.statfs(existing)).type >>> 0;
  const ephemeral = ephemeralTypes.get(type);
  if (ephemeral !== undefined) return { trait: 'ephemeral', name: ephemeral };
  const network = networkTypes.get(type);
  if (network !== undefined) return { trait: 'network', name: network };
  const mount = mountOf(await textOf(probe.mountTable()), existing);
  if (mount.root.includes(emptyDir)) return { trait: 'ephemeral', name: 'emptyDir' };
  return type === fuseType ? unfitFuse(mount.type) : null;
}

/**
 * Behind one number there are hundreds of programs, most of them with a network behind; and to a lock or an fsync the kernel
 * cannot hold any of them. `fuseblk` has a block device of this host.
 */
function unfitFuse(name: string): UnfitFileSystem | null {
  if (name === 'fuseblk') return null;
  const isLayered = name === 'fuse.fuse-overlayfs';
  return { trait: isLayered ? 'ephemeral' : 'network', name: name === '' ? 'fuse' : name };
}

async function nearestExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return nearestExisting(dirname(path));
  }
}

async function textOf(table: Promise<string>): Promise<string> {
  try {
    return await table;
  } catch {
    // without /proc there is no telling an emptyDir from the node's disk; the type was asked all the same
    return '';
  }
}

interface Mount {
  /** What of the file system is mounted. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
}

/** The mount that `path` lies in, by the fields of /proc/self/mountinfo (proc(5)). */
function mountOf(table: string, path: string): Mount {
  let found: Mount = { root: '', point: '', type: '' };
  for (const line of table.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = before.split(' ').map(unescaped);
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    // of several on one point, the last is on top
    if (point !== '' && holds && point.length >= found.point.length) {
      found = { root, point, type: after.split(' ')[0] ?? '' };
    }
  }
  return found;
}

/** Spaces, tabs, line feeds and backslashes stand there as three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
