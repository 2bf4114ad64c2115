import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errorCode } from './system-error.ts';

/** What a pid file names. Whether that is still the process that was meant is for whoever asks the kernel. */
export interface PidFile {
  readonly pid: number;
  /** Who owns the file. */
  readonly uid: number;
  /** When it was written, milliseconds of the wall clock. */
  readonly writtenMs: number;
}

/** A pid file is a few bytes; some programs write more lines after the first. */
const readAtMost = 256;
/** What Linux can be set to have (proc(5), pid_max). */
const highestPid = 4_194_304;

/**
 * Reads a pid file without following a symbolic link or waiting for a pipe. Resolves to a sentence where it cannot be trusted:
 * others than its owner may write it, or it names no process that one may signal.
 */
export async function readPidFile(path: string): Promise<PidFile | { readonly flaw: string }> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await file.stat();
    const flaw = flawOf(path, stats);
    if (flaw !== null) return { flaw };
    const { buffer, bytesRead } = await file.read(Buffer.alloc(readAtMost), 0, readAtMost, 0);
    const content = pidIn(buffer.toString('latin1', 0, bytesRead));
    if (typeof content === 'string') return { flaw: `the pid file ${path} ${content}` };
    return { pid: content, uid: stats.uid, writtenMs: stats.mtimeMs };
  } catch (error) {
    return { flaw: unreadable(path, errorCode(error) ?? 'unknown error') };
  } finally {
    await file?.close();
  }
}

function flawOf(path: string, stats: Stats): string | null {
  if (!stats.isFile()) return `the pid file ${path} is not a regular file; correct the path`;
  if ((stats.mode & 0o022) === 0) return null;
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  return `the pid file ${path} has mode ${mode}, so that others than its owner could name a process in it; run: chmod go-w ${path}`;
}

function pidIn(text: string): number | string {
  const [line = ''] = text.split('\n');
  const digits = line.trim();
  if (digits === '') return 'is empty; the program may be starting';
  if (!/^-?\d{1,10}$/.test(digits)) return 'does not begin with the number of a process; correct the path';
  const pid = Number(digits);
  if (pid < 0) return 'names a group of processes (a negative number), which is never signalled';
  if (pid === 0) return 'names process 0, which would be every process of this group; it is never signalled';
  if (pid === 1) return 'names process 1, which is the whole system or container; it is never signalled';
  return pid > highestPid ? 'names a process that cannot be (the number is too high)' : pid;
}

function unreadable(path: string, errno: string): string {
  switch (errno) {
    case 'ENOENT':
      return `the pid file ${path} is missing; start the program, or correct the path`;
    case 'ELOOP':
      return `the pid file ${path} is a symbolic link; name the file that it points to`;
    case 'EACCES':
      return `the pid file ${path} may not be read; see to its mode and to the folders above it`;
    default:
      return `the pid file ${path} cannot be read (${errno}); correct the path`;
  }
}
