import type { BigIntStats } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import type { Holder } from '../domain/remains.ts';
import { errorCode } from './system-error.ts';

/**
 * Who holds an flock(2), found without taking it: a lock that is only tried for could make a daemon that starts at that moment
 * believe that another one runs. The kernel tells in /proc/locks (proc_locks(5)), for the processes that this one can see.
 */

const nobody: Holder = { status: 'none', pid: null };
const unseen: Holder = { status: 'unknown', pid: null };

/** `lockTable` is another file in tests only. Never rejects: what cannot be seen is `unknown`. */
export async function lockHolder(path: string, lockTable = '/proc/locks'): Promise<Holder> {
  let file: BigIntStats;
  try {
    file = await lstat(path, { bigint: true });
  } catch (error) {
    return isAbsent(errorCode(error)) ? nobody : unseen;
  }
  const [written, table] = await Promise.all([textOf(path), textOf(lockTable)]);
  if (table === null) return unseen;
  const left = writtenPid(written);
  const pid = holderIn(table, { dev: file.dev, ino: file.ino, written: left });
  return pid === null ? { status: 'left', pid: left } : { status: 'held', pid };
}

function isAbsent(errno: string | undefined): boolean {
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

/** null where it cannot be read. */
function textOf(path: string): Promise<string | null> {
  return readFile(path, 'latin1').catch(() => null);
}

/** The process that its holder wrote into the file. */
function writtenPid(text: string | null): number | null {
  return text !== null && /^\d{1,10}\n$/.test(text) ? Number.parseInt(text, 10) : null;
}

interface LockedFile {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly written: number | null;
}

/**
 * The process with an exclusive flock on the file; null where the table has none. A file system of several volumes (btrfs) shows
 * another device in stat(2) than in the table: there the process that the file names has to be the same.
 */
export function holderIn(table: string, { dev, ino, written }: LockedFile): number | null {
  for (const line of table.split('\n')) {
    const [, kind, , access, pidText = '', place = ''] = line.trim().split(/\s+/);
    if (kind !== 'FLOCK' || access !== 'WRITE') continue;
    const pid = Number(pidText);
    const [major = '', minor = '', inode = ''] = place.split(':');
    if (inode !== String(ino)) continue;
    if (deviceText(dev) === `${major}:${minor}` || pid === written) return pid;
  }
  return null;
}

/** As the kernel prints it: two hexadecimal numbers, out of the one of stat(2) (makedev(3)). */
function deviceText(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff_ff00n);
  return [major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':');
}
