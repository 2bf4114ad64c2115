import type { Native } from '../platform/native.ts';
import { executableOf } from '../platform/peer-process.ts';
import { socketDescriptor } from '../platform/socket-descriptor.ts';

/** Who is at the other end of a connection, as the kernel tells it. Nothing of it comes from the request. */

/** What the kernel is asked about the other end of a connected Unix socket. */
export type PeerLookup = Pick<Native, 'peerCredentials' | 'peerGroups' | 'peerPidfd'>;

export interface Peer {
  /** null where nobody asked the kernel (`peer_check: none`, TCP). */
  readonly uid: number | null;
  readonly pid: number | null;
  /** The primary group first, then the supplementary ones; empty where nobody asked. */
  readonly groups: readonly number[];
}

/** What a line of the log says of whoever caused it. */
export interface PeerFields {
  readonly uid: number | null;
  readonly pid: number | null;
  /** See `executableOf` in platform/peer-process: information, no proof. null also where nobody asked. */
  readonly executable: string | null;
}

/** Everybody on a listener that does not ask. */
export const unknownPeer: Peer = { uid: null, pid: null, groups: [] };

/** Ids at the moment of connect(2). Throws what the lookup throws, and where the connection is already gone. */
export function lookUpPeer(lookup: PeerLookup, socket: object): Peer {
  const fd = socketDescriptor(socket);
  const { pid, uid, gid } = lookup.peerCredentials(fd);
  const supplementary = lookup.peerGroups(fd).filter((group) => group !== gid);
  return { uid, pid, groups: [gid, ...supplementary] };
}

/** null where it cannot be told, also for a connection that is gone. */
export function lookUpExecutable(lookup: PeerLookup, socket: object, { pid }: Peer): string | null {
  if (pid === null || pid === 0) return null;
  try {
    return executableOf(lookup, socketDescriptor(socket), pid);
  } catch {
    return null; // closed meanwhile
  }
}
