import { readFile, realpath, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode } from './system-error.ts';

/** Numbers of statfs(2) for file systems that lose their files with a reboot, or with their container. */
const EPHEMERAL_TYPES = new Map([
  [0x0102_1994, 'tmpfs'],
  [0x8584_58f6, 'ramfs'],
  [0x794c_7630, 'overlay'],
]);
/** A Kubernetes emptyDir sits on the node's own disk; only the mount's root (a folder of the kubelet) tells. */
const EMPTY_DIR = '/volumes/kubernetes.io~empty-dir/';
const MOUNT_TABLE = '/proc/self/mountinfo';

/**
 * Whether what is written at `path` is lost with a reboot or a container: the name of the file system (`tmpfs`, `ramfs`,
 * `overlay`, `emptyDir`), else null. Where the path does not exist yet, its nearest parent is asked.
 */
export async function ephemeralFileSystem(path: string, mountTable = MOUNT_TABLE): Promise<string | null> {
  const existing = await nearestExisting(resolve(path));
  const { type } = await statfs(existing);
  const name = EPHEMERAL_TYPES.get(type);
  if (name !== undefined) return name;
  return mountRoot(await readMountTable(mountTable), existing).includes(EMPTY_DIR) ? 'emptyDir' : null;
}

async function nearestExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return nearestExisting(dirname(path));
  }
}

async function readMountTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // without /proc there is no telling an emptyDir from the node's disk; the type was asked all the same
    return '';
  }
}

/** The root of the mount that `path` lies in: fields 4 and 5 of /proc/self/mountinfo are root and mount point (proc(5)). */
function mountRoot(table: string, path: string): string {
  let found = { root: '', point: '' };
  for (const line of table.split('\n')) {
    const [, , , root = '', point = ''] = line.split(' ');
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    // of several on one point, the last is on top
    if (point !== '' && holds && point.length >= found.point.length) found = { root, point };
  }
  return found.root;
}
