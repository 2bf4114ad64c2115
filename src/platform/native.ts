import { uptime } from 'node:os';
import { TokenwardError } from '../domain/errors.ts';
import { type ProcessHold, processOfNumber } from './process-hold.ts';
import { SystemError } from './system-error.ts';

/**
 * The few system calls that Node does not offer. They come from koffi, which is loaded with the first call of
 * {@link loadNative} and not before; everything else in the program sees this interface, so that tests pass their own.
 * Failing calls throw a `SystemError` unless said otherwise.
 */
export interface Native {
  /**
   * Who is at the other end of a Unix socket, as the kernel noted it when the peer connected (unix(7), SO_PEERCRED).
   * A uid of 65534 may stand for a user who has no number in our user namespace.
   * Throws `PEER_CHECK_UNAVAILABLE` where the kernel cannot tell, and a `SystemError` for a socket that has gone.
   */
  peerCredentials(socketFd: number): PeerCredentials;
  /** The peer's supplementary groups (SO_PEERGROUPS, Linux 4.13); the primary one need not be among them. Throws as above. */
  peerGroups(socketFd: number): readonly number[];
  /**
   * A new descriptor of the process that connected (SO_PEERPIDFD, Linux 6.5), for the caller to close; null where the kernel has no such
   * thing, and where the process has gone. Throws a `SystemError` for a socket that has gone.
   */
  peerPidfd(socketFd: number): number | null;
  /** A way to ask about the TCP sockets of this network namespace (sock_diag(7)); each takes one descriptor until it is closed. */
  openTcpDiagnosis(): TcpDiagnosis;
  /** The C library of this process. Throws where it cannot be called. */
  systemLibrary(): SystemLibrary;
  /** Takes an exclusive flock(2) without waiting; false where another open file has it. */
  tryLock(fd: number): boolean;
  unlock(fd: number): void;
  /** Milliseconds since boot, time in suspend included, with a fraction. */
  bootMs(): number;
  /** Gives freed heap pages back to the kernel (malloc_trim(3)); does nothing where the C library has no such call. */
  trimMemory(): void;
  /** Asks the kernel to send this process `signal` when its parent ends, however it ends (prctl(2), PR_SET_PDEATHSIG). */
  signalAtParentDeath(signal: number): void;
  /**
   * Takes hold of a process, so that a signal reaches this one and none that has got its number since (pidfd_open(2), Linux 5.3;
   * before that by its number alone). Throws a `SystemError` with ESRCH where there is none. To be closed.
   */
  holdProcess(pid: number): ProcessHold;
}

/** A way to calls that only few need, which bind them where they are needed. */
export interface SystemLibrary {
  /** The C function of this prototype. Throws where the library has none. */
  func(prototype: string): (...args: readonly unknown[]) => unknown;
  /** What the last call failed with. */
  failure(syscall: string): Error & { readonly code: string };
}

export interface TcpDiagnosis {
  /** Sends one netlink message and takes the kernel's answer, which is there at once: nothing waits. */
  ask(request: Uint8Array): Uint8Array;
  close(): void;
}

export interface PeerCredentials {
  /** 0 for a process outside our pid namespace. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The system calls of this host. Where koffi cannot be loaded (an unknown processor, a missing file) the rest of the program
 * still works: only what has no substitute throws, and says so.
 */
export async function loadNative(): Promise<Native> {
  try {
    const { bindNative } = await import('./native-koffi.ts');
    return bindNative();
  } catch (error) {
    return withoutNative(error);
  }
}

/** What is left without koffi. The boot time then comes in steps of 10 ms and costs a read of /proc/uptime. */
export function withoutNative(cause: unknown): Native {
  const remedy = 'the native part of tokenward could not be loaded; reinstall tokenward for this processor';
  const noPeers = (): never => {
    throw new TokenwardError(
      'PEER_CHECK_UNAVAILABLE',
      `cannot ask the kernel who is connected: ${remedy}, or set peer_check: none`,
      {
        cause,
      },
    );
  };
  const noLocks = (): never => {
    throw new TokenwardError('STATE_DIR_UNUSABLE', `cannot lock files: ${remedy}`, { cause });
  };
  return {
    peerCredentials: noPeers,
    peerGroups: noPeers,
    peerPidfd: () => null,
    openTcpDiagnosis: noPeers,
    systemLibrary: () => {
      throw new SystemError('dlopen', 'ENOSYS');
    },
    tryLock: noLocks,
    unlock: noLocks,
    bootMs: () => uptime() * 1000,
    trimMemory: () => {},
    signalAtParentDeath: () => {
      throw new TokenwardError('STORE_UNAVAILABLE', `cannot tie a child process to its parent: ${remedy}`, {
        cause,
      });
    },
    holdProcess: processOfNumber,
  };
}
