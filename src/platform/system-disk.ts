import { constants, type BigIntStats } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import type { Disk, DiskFile, DiskStat } from '../ports/disk.ts';
import { errorCode } from './system-error.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/** The disk of this host. */
export const systemDisk: Disk = {
  read: (path) => absentAsNull(readFile(path)),
  list: async (folder) => (await absentAsNull(readdir(folder)))?.toSorted() ?? null,
  stat: async (path) => {
    const found = await absentAsNull(lstat(path, { bigint: true }));
    return found === null ? null : diskStat(found);
  },
  makeFolder,
  create,
  rename: (from, to) => rename(from, to),
  link: (from, to) => link(from, to),
  remove: async (path) => {
    await absentAsNull(unlink(path));
  },
  syncFolder,
};

async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    throw error;
  }
  // by its name: under an umask that takes the owner's own bits it could not be opened
  await chmod(path, mode);
}

/** The mode is given at the opening, where the umask can only take from it, and then made exact: never too open for a moment. */
async function create(path: string, mode: number): Promise<DiskFile> {
  const file = await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, mode);
  try {
    await file.chmod(mode);
  } catch (error) {
    await file.close();
    await unlink(path);
    throw error;
  }
  return diskFile(file);
}

function diskFile(file: FileHandle): DiskFile {
  return {
    write: (bytes) => file.writeFile(bytes),
    setOwner: (uid, gid) => file.chown(uid, gid),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, O_RDONLY | O_DIRECTORY);
  try {
    await folder.sync();
  } catch (error) {
    // EINVAL: a file system without an fsync for folders (some network ones); it has no way to do better
    if (errorCode(error) !== 'EINVAL') throw error;
  }
}

function diskStat(found: BigIntStats): DiskStat {
  return {
    kind: kindOf(found),
    mode: Number(found.mode) & 0o7777,
    uid: Number(found.uid),
    gid: Number(found.gid),
    inode: found.ino,
    device: found.dev,
  };
}

function kindOf(found: BigIntStats): DiskStat['kind'] {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  if (found.isSymbolicLink()) return 'symlink';
  return found.isSocket() ? 'socket' : 'other';
}

/** ENOTDIR too: below a file there is nothing. Everything else is a failure to look, never an absence. */
async function absentAsNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
