import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { TokenwardError } from '../domain/errors.ts';
import { type ProcessHold, processOfNumber } from './process-hold.ts';
import { SystemError } from './system-error.ts';

/** The calls of `native.ts` bound to the C library. Only `loadNative` imports this file. */

// The numbers of Linux (asm-generic/socket.h, linux/time.h, sys/file.h, linux/prctl.h). A few processors have another
// SO_PEERCRED; there the length of the answer is wrong, and the call counts as unavailable.
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
const SO_PEERPIDFD = 77;
const CLOCK_BOOTTIME = 7;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const PR_SET_PDEATHSIG = 1;
// The same on all processors (asm-generic/unistd.h): they are younger than the common numbering.
const SYS_pidfd_send_signal = 424;
const SYS_pidfd_open = 434;
const AF_NETLINK = 16;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;

/** (uid_t)-1: what the kernel answers for a socket that has no peer process, such as a TCP one. */
const NO_ID = 0xffff_ffff;
/** Room for the groups of most users; the kernel says how much it wants where that is too little. */
const USUAL_GROUPS = 64;

type Library = ReturnType<typeof koffi.load>;
type SystemCall = ReturnType<Library['func']>;

/** Binds to the C library that this process already runs with, glibc or musl. Throws where that is not possible. */
export function bindNative() {
  const libc = koffi.load(null);
  const prctl = libc.func(
    'int prctl(int option, unsigned long value, unsigned long, unsigned long, unsigned long)',
  );
  return {
    ...bindPeers(libc),
    openTcpDiagnosis: bindTcpDiagnosis(libc),
    systemLibrary: () => ({ func: (prototype: string) => libc.func(prototype), failure: systemError }),
    ...bindLocks(libc),
    bootMs: bindBootClock(libc),
    trimMemory: bindTrim(libc),
    holdProcess: bindProcesses(libc),
    signalAtParentDeath: (signal: number): void => {
      if (prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) !== 0) throw systemError('prctl');
    },
  };
}

function bindPeers(libc: Library) {
  const getsockopt = libc.func(
    'int getsockopt(int fd, int level, int option, void *value, _Inout_ uint32_t *length)',
  );
  return {
    peerCredentials: (socketFd: number) => {
      const value = new Uint32Array(3);
      const length = [value.byteLength];
      if (getsockopt(socketFd, SOL_SOCKET, SO_PEERCRED, value, length) !== 0) throw peerError('SO_PEERCRED');
      const [pid = 0, uid = NO_ID, gid = NO_ID] = value;
      if (length[0] !== value.byteLength || uid === NO_ID) throw unanswered('SO_PEERCRED');
      return { pid, uid, gid };
    },
    peerGroups: (socketFd: number) => peerGroups(getsockopt, socketFd),
    peerPidfd: (socketFd: number) => {
      const value = new Int32Array(1);
      if (getsockopt(socketFd, SOL_SOCKET, SO_PEERPIDFD, value, [value.byteLength]) === 0)
        return value[0] ?? null;
      const { ENOPROTOOPT, ESRCH, ENODATA, EINVAL } = koffi.os.errno;
      if ([ENOPROTOOPT, ESRCH, ENODATA, EINVAL].includes(koffi.errno())) return null;
      throw systemError('getsockopt');
    },
  };
}

function peerGroups(getsockopt: SystemCall, socketFd: number): readonly number[] {
  let value = new Uint32Array(USUAL_GROUPS);
  const length = [value.byteLength];
  const ask = (): boolean => getsockopt(socketFd, SOL_SOCKET, SO_PEERGROUPS, value, length) === 0;
  let answered = ask();
  if (!answered && koffi.errno() === koffi.os.errno['ERANGE']) {
    value = new Uint32Array(Math.ceil((length[0] ?? 0) / 4));
    answered = ask();
  }
  if (!answered) throw peerError('SO_PEERGROUPS');
  return Array.from(value.subarray(0, (length[0] ?? 0) / 4));
}

/** Bound when it is first wanted: few configurations do. */
function bindTcpDiagnosis(libc: Library) {
  return () => {
    const socket = libc.func('int socket(int domain, int type, int protocol)');
    const send = libc.func('long send(int fd, const void *message, size_t length, int flags)');
    const receive = libc.func('long recv(int fd, void *message, size_t length, int flags)');
    const close = libc.func('int close(int fd)');
    const connect = libc.func('int connect(int fd, const void *address, uint32_t length)');
    const fd = Number(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (fd < 0) throw systemError('socket');
    // Connected to the kernel, whose address is all zeros, the socket takes nothing from other processes.
    const kernel = new Uint8Array(new Uint16Array([AF_NETLINK, 0, 0, 0, 0, 0]).buffer);
    if (connect(fd, kernel, kernel.length) !== 0) {
      const failure = systemError('connect');
      close(fd);
      throw failure;
    }
    const answer = new Uint8Array(4096);
    return {
      ask: (request: Uint8Array): Uint8Array => {
        if (Number(send(fd, request, request.length, 0)) < 0) throw systemError('send');
        const length = Number(receive(fd, answer, answer.length, MSG_DONTWAIT));
        if (length < 0) throw systemError('recv');
        return answer.slice(0, length);
      },
      close: (): void => {
        close(fd);
      },
    };
  };
}

function bindLocks(libc: Library) {
  const flock = libc.func('int flock(int fd, int operation)');
  return {
    tryLock: (fd: number): boolean => {
      if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
      if (koffi.errno() === koffi.os.errno['EWOULDBLOCK']) return false;
      throw systemError('flock');
    },
    unlock: (fd: number): void => {
      if (flock(fd, LOCK_UN) !== 0) throw systemError('flock');
    },
  };
}

/** One buffer serves all calls: the boot time is asked at every request for a token, and costs 0.1 µs this way. */
function bindBootClock(libc: Library): () => number {
  const clockGettime = libc.func('int clock_gettime(int clock, void *timespec)');
  const timespec = koffi.sizeof('long') === 8 ? new BigInt64Array(2) : new Int32Array(2);
  return () => {
    if (clockGettime(CLOCK_BOOTTIME, timespec) !== 0) throw systemError('clock_gettime');
    return Number(timespec[0]) * 1000 + Number(timespec[1]) / 1e6;
  };
}

function bindTrim(libc: Library): () => void {
  try {
    const mallocTrim = libc.func('int malloc_trim(size_t pad)');
    return () => {
      mallocTrim(0);
    };
  } catch {
    // musl has no malloc_trim; the caller loses nothing but a few megabytes
    return () => {};
  }
}

/** By number: glibc has had calls of these names since 2.36 only, and musl has none. */
function bindProcesses(libc: Library): (pid: number) => ProcessHold {
  const syscall = libc.func('long syscall(long number, long, long, long, long)');
  return (pid) => {
    const fd = Number(syscall(SYS_pidfd_open, pid, 0, 0, 0));
    if (fd === -1) {
      const error = systemError('pidfd_open');
      // EPERM: a filter of system calls that is older than this one
      if (error.code === 'ENOSYS' || error.code === 'EPERM') return processOfNumber(pid);
      throw error;
    }
    return {
      send(signal) {
        if (Number(syscall(SYS_pidfd_send_signal, fd, signal, 0, 0)) !== 0)
          throw systemError('pidfd_send_signal');
      },
      close: () => closeSync(fd),
    };
  };
}

function peerError(option: string): Error {
  return koffi.errno() === koffi.os.errno['ENOPROTOOPT'] ? unanswered(option) : systemError('getsockopt');
}

function unanswered(option: string): TokenwardError {
  return new TokenwardError(
    'PEER_CHECK_UNAVAILABLE',
    `the kernel does not answer ${option} for this socket; use Linux 4.13 or later, or set peer_check: none`,
  );
}

function systemError(syscall: string): SystemError {
  const number = koffi.errno();
  const name = Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0];
  return new SystemError(syscall, name ?? `errno ${number}`);
}
