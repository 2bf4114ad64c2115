import type { Native } from '../platform/native.ts';
import { socketDescriptor } from '../platform/socket-descriptor.ts';

/** Who is at the other end of a connection, as the kernel tells it. Nothing of it comes from the request. */

/** What the kernel is asked about the other end of a connected Unix socket. */
export type PeerLookup = Pick<Native, 'peerCredentials' | 'peerGroups'>;

export interface Peer {
  /** null where nobody asked the kernel (`peer_check: none`, TCP). */
  readonly uid: number | null;
  readonly pid: number | null;
  /** The primary group first, then the supplementary ones; empty where nobody asked. */
  readonly groups: readonly number[];
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
