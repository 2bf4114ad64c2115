import { endianness } from 'node:os';
import { SystemError } from './system-error.ts';

/**
 * The kernel's table of TCP sockets in two of its spellings, both read by pure functions: one answer of sock_diag(7), and the
 * files `/proc/self/net/tcp` and `tcp6` (proc(5)).
 */

/** One end of a connection on the loopback interface. */
export interface LoopbackEnd {
  /** `127.x.y.z` or `::1`. */
  readonly address: string;
  readonly port: number;
}

export interface TcpEntry {
  /** linux/tcp_states.h: 1 = established. */
  readonly state: number;
  /** Who made the socket, in our user namespace; it says 0 of a socket that no process has, as its `inode` then does. */
  readonly uid: number;
  /** 0 where no process has the socket any more. */
  readonly inode: number;
}

/** Established, or ended from one side only (FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT). */
const OPEN_STATES: ReadonlySet<number> = new Set([1, 4, 5, 8]);

/** Whether some process still has the socket, and its connection. Of all other entries the `uid` means nothing. */
export function isOpen({ state, inode }: TcpEntry): boolean {
  return inode !== 0 && OPEN_STATES.has(state);
}

/** An address as Node gives it, without the form that IPv4 has on an IPv6 socket; null for one that is not of the loopback interface. */
export function loopbackAddress(address: string | undefined): string | null {
  const plain = (address ?? '').replace(/^::ffff:/i, '');
  return plain === '::1' || /^127(?:\.\d{1,3}){3}$/.test(plain) ? plain : null;
}

const LITTLE = endianness() === 'LE';
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const NLM_F_REQUEST = 1;
const NLMSG_ERROR = 2;
const SOCK_DIAG_BY_FAMILY = 20;
const ENOENT = 2;
/** The loopback interface's index in every network namespace; without it a socket that is bound to the interface is not found. */
const LOOPBACK_INDEX = 1;
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
const ANSWER_BYTES = HEADER_BYTES + 72;
const NO_COOKIE = 0xffff_ffff;

/** `nlmsghdr` and `inet_diag_req_v2` for exactly the socket that has `local` at its own end (linux/inet_diag.h). */
export function diagRequest(local: LoopbackEnd, remote: LoopbackEnd, sequence: number): Uint8Array {
  const bytes = new Uint8Array(REQUEST_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, REQUEST_BYTES, LITTLE);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, LITTLE);
  view.setUint16(6, NLM_F_REQUEST, LITTLE);
  view.setUint32(8, sequence, LITTLE);
  bytes[HEADER_BYTES] = local.address === '::1' ? AF_INET6 : AF_INET;
  bytes[HEADER_BYTES + 1] = IPPROTO_TCP;
  view.setUint32(HEADER_BYTES + 4, 0xffff_ffff, LITTLE); // all states
  bytes.set(idBytes(local.port, addressBytes(local), remote.port, addressBytes(remote)), HEADER_BYTES + 8);
  view.setUint32(HEADER_BYTES + 44, LOOPBACK_INDEX, LITTLE);
  view.setUint32(HEADER_BYTES + 48, NO_COOKIE, LITTLE);
  view.setUint32(HEADER_BYTES + 52, NO_COOKIE, LITTLE);
  return bytes;
}

/** Ports and addresses of `inet_diag_sockid`, which both messages have. */
function idBytes(localPort: number, local: Uint8Array, remotePort: number, remote: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(36);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, localPort);
  view.setUint16(2, remotePort);
  bytes.set(local, 4);
  bytes.set(remote, 20);
  return bytes;
}

/** The forms in which the kernel may write the same pair of ends: an IPv6 socket that speaks IPv4 is shown with its long addresses. */
function idSpellings(local: LoopbackEnd, remote: LoopbackEnd): readonly Uint8Array[] {
  return formsOf(local).map((form, index) =>
    idBytes(local.port, form, remote.port, formsOf(remote)[index] ?? form),
  );
}

function formsOf(end: LoopbackEnd): readonly Uint8Array[] {
  const bytes = addressBytes(end);
  return bytes.length === 16 ? [bytes] : [bytes, Uint8Array.of(...mappedPrefix, ...bytes)];
}

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function addressBytes({ address }: LoopbackEnd): Uint8Array {
  if (address !== '::1') return Uint8Array.from(address.split('.'), Number);
  const bytes = new Uint8Array(16);
  bytes[15] = 1;
  return bytes;
}

/**
 * What the kernel answers to the {@link diagRequest} with the same ends and number; null where it has no such socket, also where it shows another one instead (a
 * socket that listens at the same port). Throws a `SystemError` for any other error, and for what is no answer to this request.
 */
export function diagAnswer(
  answer: Uint8Array,
  local: LoopbackEnd,
  remote: LoopbackEnd,
  sequence: number,
): TcpEntry | null {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  const isOurs = answer.length >= HEADER_BYTES + 4 && view.getUint32(8, LITTLE) === sequence;
  const type = isOurs ? view.getUint16(4, LITTLE) : 0;
  if (type === NLMSG_ERROR) {
    const errno = -view.getInt32(HEADER_BYTES, LITTLE);
    if (errno === ENOENT) return null;
    throw new SystemError('sock_diag', `errno ${errno}`);
  }
  if (type !== SOCK_DIAG_BY_FAMILY || answer.length < ANSWER_BYTES) {
    throw new SystemError('sock_diag', 'EBADMSG');
  }
  const id = answer.subarray(HEADER_BYTES + 4, HEADER_BYTES + 40);
  const isWanted = idSpellings(local, remote).some((wanted) => Buffer.compare(id, wanted) === 0);
  if (!isWanted) return null;
  return {
    state: answer[HEADER_BYTES + 1] ?? 0,
    uid: view.getUint32(HEADER_BYTES + 64, LITTLE),
    inode: view.getUint32(HEADER_BYTES + 68, LITTLE),
  };
}

/** The socket with `local` at its own end in the text of `/proc/self/net/tcp` and `tcp6`; null where it is in neither. */
export function entryInTable(table: string, local: LoopbackEnd, remote: LoopbackEnd): TcpEntry | null {
  const wanted = new Set(spellings(local).map((end, index) => `${end} ${spellings(remote)[index] ?? ''}`));
  for (const line of table.split('\n')) {
    const [, from = '', to = '', state = '', , , , uid = '', , inode = ''] = line.trim().split(/ +/);
    if (!wanted.has(`${from} ${to}`)) continue;
    return { state: Number.parseInt(state, 16), uid: Number(uid), inode: Number(inode) };
  }
  return null;
}

/** `0100007F:1F90`: words of the address in the processor's order, the port in plain hexadecimal. */
function spellings(end: LoopbackEnd): readonly string[] {
  return formsOf(end).map((bytes) => `${hexWords(bytes)}:${hex(end.port, 4)}`);
}

function hexWords(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) text += hex(view.getUint32(at, LITTLE), 8);
  return text;
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0');
}
