import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import type { Server } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import type { BoundSocket } from './bound-socket.ts';
import { maxQueued } from './max-queued.ts';

/**
 * Has a server take the connections of a socket that somebody else has opened, and keeps: neither its path nor its owner and mode
 * are ours. The descriptor is the server's from then on. `where` is for people, `prove` as {@link bindUnixSocket} has it. Rejects
 * `SOCKET_UNUSABLE`, and as `prove`.
 */
export async function bindInherited(
  server: Server,
  descriptor: number,
  where: string,
  prove: (path: string) => Promise<void> = async () => {},
): Promise<BoundSocket> {
  try {
    // Nobody but us knows the abstract name (unix(7)); the folder of the socket may be closed to us.
    await prove(`\0tokenward-proof-${randomUUID()}`);
    await once(server.listen({ fd: descriptor, backlog: maxQueued }), 'listening');
  } catch (error) {
    closeQuietly(descriptor);
    if (error instanceof TokenwardError) throw error;
    const reason = errorCode(error) ?? 'unknown error';
    const message = `cannot take connections from the socket ${where} that systemd has opened (${reason}); see to ListenStream= of its socket unit`;
    throw new TokenwardError('SOCKET_UNUSABLE', message, { cause: error });
  }
  return { unbind: async () => {}, dress: async () => {} };
}

/** Node may have closed what it could not use. */
function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // it has
  }
}
