import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { loadNative } from '../../src/platform/native.ts';
import { unixAddress } from '../../src/platform/systemd/socket-address.ts';

/** Sockets as a service manager has them and Node does not: such as receive datagrams, and such as listen and accept nothing. */

const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;

const library = (await loadNative()).systemLibrary();
const socket = library.func('int socket(int domain, int type, int protocol)');
const bind = library.func('int bind(int fd, const void *address, uint32 size)');
const listen = library.func('int listen(int fd, int backlog)');
const receive = library.func('int64 recv(int fd, void *buffer, size_t size, int flags)');

export class RawSocket implements Disposable {
  readonly descriptor: number;

  constructor(domain: number, type: number, address: Uint8Array | null) {
    if (address === null) throw new Error('no address');
    this.descriptor = Number(socket(domain, type | SOCK_CLOEXEC, 0));
    if (this.descriptor < 0) throw library.failure('socket');
    if (bind(this.descriptor, address, address.length) !== 0) throw library.failure('bind');
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}

/** Receives what is sent to `$NOTIFY_SOCKET`. The address is a path, or an abstract name with a leading `@`. */
export class NotifyReceiver extends RawSocket {
  readonly #messages: string[] = [];

  constructor(address: string) {
    super(AF_UNIX, SOCK_DGRAM, unixAddress(address));
  }

  /** All messages so far, each as it was sent. */
  get messages(): readonly string[] {
    const buffer = Buffer.alloc(64 * 1024);
    for (;;) {
      const length = Number(receive(this.descriptor, buffer, buffer.length, MSG_DONTWAIT));
      if (length < 0) return this.#messages;
      this.#messages.push(buffer.toString('utf8', 0, length));
    }
  }

  /** All lines so far. */
  get lines(): readonly string[] {
    return this.messages.flatMap((message) => message.trimEnd().split('\n'));
  }
}

/** A socket that takes connections into its queue, and leaves them there. */
export function listeningSocket(at: { readonly path: string } | { readonly port: number }): RawSocket {
  const isUnix = 'path' in at;
  const opened = isUnix
    ? new RawSocket(AF_UNIX, SOCK_STREAM, unixAddress(at.path))
    : new RawSocket(AF_INET, SOCK_STREAM, loopback(at.port));
  if (listen(opened.descriptor, 1024) !== 0) throw library.failure('listen');
  return opened;
}

function loopback(port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, endianness() === 'LE');
  view.setUint16(2, port);
  bytes.set([127, 0, 0, 1], 4);
  return bytes;
}
