import { closeSync } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';
import type { SystemLibrary } from '../native.ts';
import { unixAddress } from './socket-address.ts';

/**
 * Messages to the service manager, over the datagram socket that it names (sd_notify(3)). Node has no such sockets, and a program
 * that sends them for us would be somebody else to systemd (`NotifyAccess=`).
 */
export interface NotifySocket {
  /** Sends the lines as one message, in the order of the calls; later where the other side takes no more at present. Never throws. */
  send(lines: readonly string[]): void;
  close(): void;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** Milliseconds until a message is tried again that did not fit into the queue of the other side. */
const retryMs = 100;
/** Messages that wait at most; one that is not taken for so long has no meaning any more. */
const mostWaiting = 64;

export interface NotifyParts {
  readonly library: SystemLibrary;
  readonly clock: Clock;
  /** Told of a message that could not be sent and is not tried again. */
  readonly onFailed: (error: unknown) => void;
}

/** `address` is a path, or an abstract name with a leading `@`. Throws a `SystemError` where there can be no such socket. */
export function openNotifySocket(address: string, { library, clock, onFailed }: NotifyParts): NotifySocket {
  const socket = library.func('int socket(int domain, int type, int protocol)');
  const sendto = library.func(
    'int64 sendto(int fd, const void *message, size_t length, int flags, const void *address, uint32 size)',
  );
  const bytes = unixAddress(address);
  if (bytes === null) throw new Error(`NOTIFY_SOCKET is no address of a unix socket: ${address}`);
  const fd = Number(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd < 0) throw library.failure('socket');
  const waiting: Buffer[] = [];
  let cancelRetry: (() => void) | null = null;

  /** Whether it is off our hands. */
  const sent = (message: Buffer): boolean => {
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (Number(sendto(fd, message, message.length, flags, bytes, bytes.length)) >= 0) return true;
    const failure = library.failure('sendto');
    if (failure.code === 'EAGAIN' || failure.code === 'EWOULDBLOCK' || failure.code === 'ENOBUFS')
      return false;
    onFailed(failure);
    return true;
  };
  const flush = () => {
    cancelRetry?.();
    cancelRetry = null;
    while (waiting[0] !== undefined && sent(waiting[0])) waiting.shift();
    if (waiting.length > 0) cancelRetry = clock.after(retryMs, flush);
  };
  return {
    send(lines) {
      if (lines.length === 0) return;
      waiting.push(Buffer.from(`${lines.join('\n')}\n`));
      if (waiting.length > mostWaiting) waiting.shift();
      flush();
    },
    close() {
      cancelRetry?.();
      closeSync(fd);
    },
  };
}
