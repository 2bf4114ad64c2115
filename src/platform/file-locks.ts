import {
  close as closeFd,
  constants,
  fstat as fstatFd,
  ftruncate,
  open,
  read,
  write,
  type BigIntStats,
} from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { TokenwardError } from '../domain/errors.ts';
import type { HeldElsewhere, Lock, Locks } from '../ports/lock.ts';
import type { Native } from './native.ts';
import { errorCode } from './system-error.ts';

/**
 * Locks by flock(2): the kernel gives them up when their holder ends, by SIGKILL too, and never leaves a stale one. Bare
 * file descriptors, not `FileHandle`s: those are closed, and the lock with them, when nobody refers to them any more. Node
 * opens with O_CLOEXEC, so that a child process does not hold the lock beyond its parent's end.
 *
 * A lock file is removed by its holder, who still has the lock then. So whoever gets a lock looks whether its file is still the
 * one at the path, and begins anew where it is not.
 *
 * A file that has another name as well (a copy of the folder made of hard links) would lock that one too, and its content is
 * not ours to replace: it loses this name, and the lock is a new file.
 */

const openFd = promisify(open);
const close = promisify(closeFd);
const truncate = promisify(ftruncate);

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
/** Long enough for any process id and a line feed. */
const PID_BYTES = 16;

export function createFileLocks(native: Pick<Native, 'tryLock'>, pid = process.pid): Locks {
  return {
    async tryAcquire(path) {
      for (;;) {
        const lock = await tryOnce(native, path, pid);
        if (lock !== null) return lock;
      }
    },
  };
}

/** What open(2) answers where something else than a file has the name: a symbolic link, a folder, a socket. */
const NO_FILE = new Set(['ELOOP', 'EISDIR', 'ENXIO']);

/** Rejects `STATE_DIR_UNUSABLE` where the path leads to no file, else with Node's errors. */
async function openLockFile(path: string): Promise<number> {
  try {
    return await openFd(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  } catch (cause) {
    if (!NO_FILE.has(errorCode(cause) ?? '')) throw cause;
    const message = `${path} is no regular file, and so cannot be the lock; remove it`;
    throw new TokenwardError('STATE_DIR_UNUSABLE', message, { cause, fields: { path } });
  }
}

/** Null where the file at the path is, or has become, another one than was locked. */
async function tryOnce(
  native: Pick<Native, 'tryLock'>,
  path: string,
  pid: number,
): Promise<Lock | HeldElsewhere | null> {
  const fd = await openLockFile(path);
  let isOurs = false;
  try {
    if (!native.tryLock(fd)) return { held: false, holderPid: await readPid(fd) };
    if (!(await isAt(path, fd))) return null;
    if ((await fileOf(fd)).nlink > 1n) {
      await unlink(path);
      return null;
    }
    isOurs = true;
    await writePid(fd, pid);
    return heldLock(path, fd);
  } finally {
    if (!isOurs) await close(fd);
  }
}

function heldLock(path: string, fd: number): Lock {
  let released = false;
  const stillInPlace = async () => !released && (await isAt(path, fd));
  return {
    held: true,
    stillInPlace,
    release: async () => {
      // once only: the number may by now stand for another file
      if (released) return;
      const mine = await stillInPlace();
      released = true;
      // a leftover does no harm, and its removal is not worth an error
      if (mine) await unlink(path).catch(() => {});
      await close(fd);
    },
  };
}

async function isAt(path: string, fd: number): Promise<boolean> {
  const ours = await fileOf(fd);
  try {
    const there = await lstat(path, { bigint: true });
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

async function writePid(fd: number, pid: number): Promise<void> {
  try {
    await truncate(fd, 0);
    await promisify(write)(fd, `${pid}\n`, 0);
  } catch {
    // information for people; a full disk must not cost the lock
  }
}

async function readPid(fd: number): Promise<number | null> {
  const { buffer, bytesRead } = await promisify(read)(fd, Buffer.alloc(PID_BYTES), 0, PID_BYTES, 0);
  const text = buffer.toString('latin1', 0, bytesRead);
  return /^\d+\n$/.test(text) ? Number.parseInt(text, 10) : null;
}

function fileOf(fd: number): Promise<BigIntStats> {
  return new Promise((resolve, reject) => {
    fstatFd(fd, { bigint: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}
