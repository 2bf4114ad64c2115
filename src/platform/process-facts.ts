import { readFileSync } from 'node:fs';
import { errorCode } from './system-error.ts';

/** A process as /proc shows it (proc(5)). */
export interface ProcessFacts {
  /** The name of its program: its first 15 characters. */
  readonly name: string;
  /** It has ended, and its parent has not taken notice. */
  readonly isZombie: boolean;
  /** Real and effective user. */
  readonly uids: readonly number[];
  /** When it began, milliseconds since boot, exact to 10 ms. */
  readonly startedMs: number;
  /** What becomes of a signal that is sent to it. */
  readonly onSignal: (signal: number) => SignalFate;
  /** Control groups that it is in, as paths. */
  readonly cgroups: readonly string[];
}

/** `waits`: blocked, so that it is taken by signalfd(2) or sigwait(3), or later. `default`: what the kernel does, which mostly is to end it. */
export type SignalFate = 'handled' | 'waits' | 'ignored' | 'default';

/** USER_HZ: what the kernel counts in towards programs, on every processor that Node runs on. */
const ticksPerSecond = 100;

/**
 * Read at once, without giving anybody a turn between the look and what follows from it. `hidden`: /proc does not show it, though
 * it may be there. Throws Node's errors of the file system otherwise.
 */
export function processFacts(pid: number): ProcessFacts | 'hidden' {
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'latin1');
  try {
    const status = new Map(
      read('status')
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
    );
    // The name in parentheses may hold anything, also parentheses.
    const stat = read('stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      name: read('comm').replace(/\n$/, ''),
      isZombie: /^[ZX]/.test(status.get('State') ?? ''),
      uids: (status.get('Uid') ?? '').split('\t').slice(0, 2).map(Number),
      onSignal: (signal) => fateOf(status, signal),
      // the 22nd field, of which the first two are cut off
      startedMs: (Number(fields[19]) * 1000) / ticksPerSecond,
      cgroups: read('cgroup')
        .split('\n')
        .flatMap((line) => line.split(':').slice(2).join(':')),
    };
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return 'hidden';
    throw error;
  }
}

/** By the masks of the process, in which signal 1 is the lowest bit. */
function fateOf(status: ReadonlyMap<string, string>, signal: number): SignalFate {
  const bit = 1n << BigInt(signal - 1);
  const isIn = (mask: string) => (BigInt(`0x${status.get(mask) ?? '0'}`) & bit) !== 0n;
  if (isIn('SigCgt')) return 'handled';
  if (isIn('SigIgn')) return 'ignored';
  return isIn('SigBlk') ? 'waits' : 'default';
}
