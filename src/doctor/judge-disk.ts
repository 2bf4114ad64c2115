import { failing, type Line, ok, warning } from './line.ts';

/** Whether there is room for what is written at every rotation, and whether it becomes durable in time. */

export interface DiskFacts {
  /** The folder that was meant. */
  readonly folder: string;
  /** The folder that was asked: itself, or its nearest parent that exists. */
  readonly asked: string;
  /** State is what must not be lost; of a token file there is always the next one. */
  readonly holds: 'state' | 'token files';
  readonly bytesFree: number;
  readonly bytes: number;
  readonly filesFree: number;
  /** 0 where the file system counts none. */
  readonly files: number;
}

const mebibyte = 1024 * 1024;

interface Limits {
  readonly warnBytes: number;
  readonly failBytes: number;
}

/** A file system in memory that was made for a few tokens is small on purpose. */
const limits: Readonly<Record<DiskFacts['holds'], Limits>> = {
  state: { warnBytes: 100 * mebibyte, failBytes: 10 * mebibyte },
  'token files': { warnBytes: mebibyte, failBytes: mebibyte / 4 },
};

const warnShare = 0.01;
const warnFiles = 1_000;
/** A rotation has a handful of temporary files. */
const failFiles = 16;

export function judgeSpace(facts: DiskFacts): Line {
  const { bytesFree, bytes, holds } = facts;
  const { warnBytes, failBytes } = limits[holds];
  const about = aboutDisk(facts, `${size(bytesFree)} free of ${size(bytes)}`);
  const mend = `make room, or enlarge the file system: df -h ${facts.asked}; du -xh -d1 ${facts.asked}`;
  if (bytesFree < failBytes) return failing('disk-space', { ...about, mend });
  const isShort = bytesFree < warnBytes || (holds === 'state' && bytesFree < bytes * warnShare);
  return isShort ? warning('disk-space', { ...about, mend }) : ok('disk-space', about);
}

export function judgeFiles(facts: DiskFacts): Line {
  const { filesFree, files } = facts;
  if (files === 0) return ok('disk-files', aboutDisk(facts, 'this file system has no fixed number of files'));
  const about = aboutDisk(facts, `${filesFree} of ${files} inodes free`);
  const mend = `remove files that nobody needs: df -i ${facts.asked}; du --inodes -x -d1 ${facts.asked}`;
  if (filesFree < failFiles) return failing('disk-files', { ...about, mend });
  // a small file system never has more, and what a rotation needs is there
  const isShort = filesFree < Math.min(warnFiles, files / 10);
  return isShort ? warning('disk-files', { ...about, mend }) : ok('disk-files', about);
}

function aboutDisk({ folder, asked, holds }: DiskFacts, found: string) {
  const where = asked === folder ? '' : ` at ${asked}, the nearest folder that exists`;
  return { what: folder, detail: `${found}${where} (${holds})` };
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const count = bytes / 1024 ** power;
  return `${count >= 10 || power === 0 ? Math.floor(count) : count.toFixed(1)} ${units[power]}`;
}

export interface SyncFacts {
  readonly folder: string;
  /** Milliseconds of each write with its syncs; or the kernel's name for why there was none. */
  readonly times: readonly number[] | { readonly errno: string };
}

const warnSyncMs = 100;
const failSyncMs = 2_000;

/** The middle of some tries: one that meets a busy moment says little. */
export function judgeSync({ folder, times }: SyncFacts): Line {
  if ('errno' in times) {
    return failing('disk-sync', {
      what: folder,
      detail: `nothing can be written (${times.errno})`,
      mend: writeAdvice(times.errno, folder),
      code: 'STATE_DIR_UNUSABLE',
    });
  }
  const middle = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const detail = `a durable write takes ${middle < 10 ? middle.toFixed(1) : Math.round(middle)} ms`;
  if (middle <= warnSyncMs) return ok('disk-sync', { what: folder, detail });
  const trouble = {
    what: folder,
    detail: `${detail}; each rotation makes several before its token is served`,
    mend: 'see what keeps the disk busy (iostat -x 1), or put state_dir on a faster one',
  };
  return middle > failSyncMs ? failing('disk-sync', trouble) : warning('disk-sync', trouble);
}

function writeAdvice(errno: string, folder: string): string {
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `make room: df -h ${folder}; df -i ${folder}`;
    case 'EROFS':
      return `mount it for writing: mount -o remount,rw "$(findmnt -no TARGET -T ${folder})"`;
    case 'EACCES':
    case 'EPERM':
      return `let the user that runs tokenward write there: chown USER ${folder}`;
    case 'ETIMEDOUT':
      return 'see what the disk waits for: dmesg | tail; iostat -x 1';
    default:
      return `see to the disk: dmesg | tail; findmnt -T ${folder}`;
  }
}
