import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import type { Native } from './native.ts';

/**
 * What runs at the other end of a Unix socket, for lines of the log and for nothing else: a process can exec what it likes after it
 * has connected, and gives itself the name that it wants. Decisions go by uid and groups at the moment of connect(2).
 */

export type PeerProcessLookup = Pick<Native, 'peerPidfd'>;

/**
 * The path of the program that `pid` runs now, or its name in parentheses where only that may be read (proc(5), as ps(1) writes it). null
 * where the process has gone or is outside our pid namespace, and where the kernel has no SO_PEERPIDFD (before Linux 6.5): a pid
 * alone may by now be another process's. Never throws. Takes a descriptor for the moment of the call only.
 */
export function executableOf(lookup: PeerProcessLookup, socketFd: number, pid: number): string | null {
  try {
    const pidfd = lookup.peerPidfd(socketFd);
    if (pidfd === null) return null;
    try {
      const text = programOf(pid);
      // The number is the process's until it is reaped; it still was after we had looked.
      return pidBehind(pidfd) === pid ? text : null;
    } finally {
      closeSync(pidfd);
    }
  } catch {
    return null; // it has gone, or there is no /proc; nothing hangs on it
  }
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    // another user's, which takes CAP_SYS_PTRACE to see
    return `(${readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd()})`;
  }
}

/** −1 where it has been reaped, 0 where it is outside our pid namespace. */
function pidBehind(pidfd: number): number {
  const [, digits] = /^Pid:\s*(-?\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${pidfd}`, 'latin1')) ?? [];
  return Number(digits);
}
