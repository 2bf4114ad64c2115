import { endianness } from 'node:os';

/** Socket addresses as the kernel has them (unix(7), ip(7), ipv6(7)). Pure. */

export type SocketName =
  /** A path, or with a leading `@` an abstract name. */
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const LITTLE = endianness() === 'LE';
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
/** `sun_path` of unix(7). */
const mostPathBytes = 108;

/** `sockaddr_un` of a path, or of an abstract name with a leading `@`; null for what is neither, or too long. */
export function unixAddress(path: string): Uint8Array | null {
  const isAbstract = path.startsWith('@');
  if (!isAbstract && !path.startsWith('/')) return null;
  // A path ends with a zero, an abstract name begins with one and ends with the address.
  const name = Buffer.from(isAbstract ? `\0${path.slice(1)}` : `${path}\0`);
  if (name.length > mostPathBytes) return null;
  const bytes = new Uint8Array(2 + name.length);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, LITTLE);
  bytes.set(name, 2);
  return bytes;
}

/** What getsockname(2) says; null for a kind that no listener has. */
export function socketName(address: Uint8Array): SocketName | null {
  if (address.length < 2) return null;
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  switch (view.getUint16(0, LITTLE)) {
    case AF_UNIX:
      return { kind: 'unix', path: pathIn(address.subarray(2)) };
    case AF_INET:
      return { kind: 'tcp', host: address.subarray(4, 8).join('.'), port: view.getUint16(2) };
    case AF_INET6:
      return { kind: 'tcp', host: ipv6Text(address.subarray(8, 24)), port: view.getUint16(2) };
    default:
      return null;
  }
}

function pathIn(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  return text.startsWith('\0') ? `@${text.slice(1)}` : text.replace(/\0.*$/s, '');
}

function ipv6Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16));
  return canonicalHost(words.join(':'));
}

/** One spelling for each address: of IPv6 the shortest. A name stays as it is. */
export function canonicalHost(host: string): string {
  if (!host.includes(':')) return host;
  try {
    return new URL(`http://[${host}]`).hostname.slice(1, -1);
  } catch {
    return host; // with a zone, say
  }
}
