import type { SystemLibrary } from '../native.ts';
import { canonicalHost, socketName, type SocketName } from './socket-address.ts';

/** Sockets that the service manager has opened and passes on (sd_listen_fds(3)), which outlive this process. */
export interface InheritedSocket {
  readonly descriptor: number;
  /** `FileDescriptorName=` of its unit. */
  readonly label: string;
  /** Where it listens; null where it is nothing that a listener could be: no socket, or of another kind. */
  readonly name: SocketName | null;
}

const firstDescriptor = 3;
/** More than anybody passes; each is looked at. */
const mostDescriptors = 1024;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ACCEPTCONN = 30;
const SOCK_STREAM = 1;
const F_DUPFD_CLOEXEC = 1030;

export interface ListenVariables {
  readonly LISTEN_FDS?: string;
  readonly LISTEN_PID?: string;
  readonly LISTEN_FDNAMES?: string;
}

/** Descriptors that were passed to the process `pid`, with the names that they were given. Pure. */
export function passedDescriptors(
  { LISTEN_FDS: count = '', LISTEN_PID: owner, LISTEN_FDNAMES: names = '' }: ListenVariables,
  pid: number,
): readonly { readonly descriptor: number; readonly label: string }[] {
  // A shell between systemd and us has the variables, and its child inherits them.
  if (!/^\d{1,6}$/.test(count) || owner !== String(pid)) return [];
  const labels = names.split(':');
  return Array.from({ length: Math.min(Number(count), mostDescriptors) }, (_, index) => ({
    descriptor: firstDescriptor + index,
    label: labels[index] || 'unknown',
  }));
}

export interface SocketCalls {
  /** Where a socket listens that takes connections; null for everything else. */
  nameOf(descriptor: number): SocketName | null;
  /** Another descriptor of the same socket, that no child process gets. Throws a `SystemError`. */
  duplicate(descriptor: number): number;
}

export function bindSocketCalls(library: SystemLibrary): SocketCalls {
  const getsockname = library.func('int getsockname(int fd, void *address, _Inout_ uint32 *length)');
  const getsockopt = library.func(
    'int getsockopt(int fd, int level, int option, void *value, _Inout_ uint32 *length)',
  );
  const fcntl = library.func('int fcntl(int fd, int command, ...)');
  const option = (fd: number, name: number): number | null => {
    const value = new Int32Array(1);
    return getsockopt(fd, SOL_SOCKET, name, value, [value.byteLength]) === 0 ? (value[0] ?? null) : null;
  };
  return {
    nameOf(fd) {
      if (option(fd, SO_TYPE) !== SOCK_STREAM || option(fd, SO_ACCEPTCONN) !== 1) return null;
      const address = new Uint8Array(128);
      const length = [address.length];
      if (getsockname(fd, address, length) !== 0) return null;
      return socketName(address.subarray(0, Math.min(length[0] ?? 0, address.length)));
    },
    duplicate(fd) {
      const copy = Number(fcntl(fd, F_DUPFD_CLOEXEC, 'int', firstDescriptor));
      if (copy < 0) throw library.failure('fcntl');
      return copy;
    },
  };
}

/** Whether two addresses are one. */
export function isSameSocket(a: SocketName, b: SocketName): boolean {
  if (a.kind === 'unix') return b.kind === 'unix' && a.path === b.path;
  return b.kind === 'tcp' && a.port === b.port && canonicalHost(a.host) === canonicalHost(b.host);
}

/** For a message: a path, or `host:port`. */
export function socketText(name: SocketName | null): string {
  if (name === null) return 'no listening socket';
  if (name.kind === 'unix') return name.path;
  return name.host.includes(':') ? `[${name.host}]:${name.port}` : `${name.host}:${name.port}`;
}
