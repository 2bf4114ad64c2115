import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import { lookUpPeer, type Peer, type PeerLookup } from './peer.ts';

/**
 * Proves that the kernel says who connects: this process connects to itself, and must be told its own ids. Sandboxes and
 * foreign kernels answer nothing or something else there, and then no rule of `allow` would mean anything.
 * `path` is free, in a folder that only we can enter, or an abstract name (unix(7)) that nobody can guess. Throws `PEER_CHECK_UNAVAILABLE`.
 */
export async function assertPeerCheck(lookup: PeerLookup, path: string): Promise<void> {
  let peer: Peer;
  try {
    peer = await askAboutOurselves(lookup, path);
  } catch (error) {
    if (error instanceof TokenwardError) throw error;
    throw unavailable('the kernel does not say who connects to a unix socket', error);
  }
  if (!isThisProcess(peer)) throw unavailable('the kernel gives wrong ids for who connects to a unix socket');
}

async function askAboutOurselves(lookup: PeerLookup, path: string): Promise<Peer> {
  const server = createServer();
  try {
    await once(server.listen(path), 'listening');
    // Under a strict umask even its maker may not connect.
    if (!path.startsWith('\0')) await chmod(path, 0o600);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(path);
    const [[socket]] = await Promise.all([accepted, once(client, 'connect')]);
    try {
      return lookUpPeer(lookup, socket);
    } finally {
      socket.destroy();
      client.destroy();
    }
  } finally {
    await closed(server);
    if (!path.startsWith('\0')) await rm(path, { force: true });
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function isThisProcess({ uid, pid, groups }: Peer): boolean {
  const own = new Set([process.getegid?.(), ...(process.getgroups?.() ?? [])]);
  const sameGroups = groups.every((group) => own.has(group)) && new Set(groups).size === own.size;
  return uid === process.geteuid?.() && pid === process.pid && sameGroups;
}

function unavailable(what: string, cause?: unknown): TokenwardError {
  const message = `${what}, so "allow" cannot be enforced; run on Linux 4.13 or later, or set peer_check: none to let the socket's mode decide`;
  return new TokenwardError('PEER_CHECK_UNAVAILABLE', message, cause === undefined ? {} : { cause });
}
