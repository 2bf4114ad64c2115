import { once } from 'node:events';
import { constants, type BigIntStats } from 'node:fs';
import { chmod, chown, lstat, mkdtemp, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { howToMake, howToMoveAway, howToOpen, whoMayNot } from '../platform/folder-advice.ts';
import { errorCode } from '../platform/system-error.ts';
import { bindInherited } from './bind-inherited.ts';
import type { BoundSocket, SocketDress } from './bound-socket.ts';
import { maxQueued } from './max-queued.ts';

/**
 * Binds a server to a Unix socket that nobody can reach before its owner and mode are right: it is made in a folder that
 * only we can enter, dressed there, and then renamed to its path. (bind(2) followed by chmod(2) in place leaves a moment in
 * which the umask decides, and the umask belongs to the whole process.)
 */

export interface SocketPlace extends SocketDress {
  readonly path: string;
  /** A descriptor of the socket that somebody else has opened there for us; null where it is for us to make. */
  readonly inherited?: number | null;
}

/** `sun_path` of unix(7) without its terminating zero. */
const maxPathBytes = 107;

/**
 * Throws `SOCKET_UNUSABLE` where the path cannot be used, and `SOCKET_IN_USE` where somebody answers at it. `prove` gets a
 * free path in the private folder, and may refuse by throwing before anything is visible.
 */
export async function bindUnixSocket(
  server: Server,
  place: SocketPlace,
  prove: (path: string) => Promise<void>,
): Promise<BoundSocket> {
  const { path, inherited = null } = place;
  if (inherited !== null) return bindInherited(server, inherited, path, prove);
  if (Buffer.byteLength(path) > maxPathBytes)
    throw unusable(path, `is longer than ${maxPathBytes} bytes; choose a shorter path`);
  try {
    await checkFolder(path);
    const stale = await findStale(path);
    await using folder = await openPrivateFolder(path);
    await prove(join(folder.way, 'proof'));
    const hidden = join(folder.way, folder.uniqueName);
    await once(server.listen({ path: hidden, backlog: maxQueued }), 'listening');
    await dress(hidden, place);
    const own = await look(hidden);
    if (!isSame(stale, await look(path))) throw inUse(path);
    await rename(hidden, path);
    const ifOurs = async (task: () => Promise<void>) => {
      if (isSame(own, await look(path))) await task();
    };
    return {
      unbind: () => ifOurs(() => unlink(path)),
      dress: (changed) =>
        ifOurs(() => dress(path, changed)).catch((error: unknown) => {
          throw asUnusable(path, error);
        }),
    };
  } catch (error) {
    throw asUnusable(path, error);
  }
}

async function dress(path: string, { mode, user, group }: SocketDress): Promise<void> {
  if (user !== null || group !== null) await chown(path, user ?? -1, group ?? -1);
  await chmod(path, mode);
}

function asUnusable(path: string, error: unknown): TokenwardError {
  return error instanceof TokenwardError ? error : unusable(path, bindFlaw(path, errorCode(error)), error);
}

function bindFlaw(path: string, errno = 'unknown error'): string {
  const folder = dirname(path);
  if (errno === 'EACCES' || errno === 'EROFS')
    return `cannot be made in ${folder}: ${whoMayNot(errno)}; ${howToOpen(folder, errno)}`;
  if (errno === 'EPERM')
    return 'cannot get its owner or group; run tokenward as root, or as a member of that group, or leave them away';
  return `cannot be bound (${errno}); check its folder, owner and group`;
}

async function checkFolder(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw unusable(path, `has no folder; ${howToMake(folder, '0755')}`, error);
  }
  throw unusable(path, `cannot be bound: ${folder} is not a folder; choose another path`);
}

/** The socket that a dead process left at the path; null where nothing is there. */
async function findStale(path: string): Promise<BigIntStats | null> {
  const found = await look(path);
  if (found === null) return null;
  if (!found.isSocket())
    throw unusable(path, `exists and is not a socket; ${howToMoveAway(path)}, or choose another path`);
  if (await isAnswered(path)) throw inUse(path);
  return found;
}

/** Only a refused connection says that nobody is there; whatever else happens may be a live socket. Throws `SOCKET_UNUSABLE`. */
async function isAnswered(path: string): Promise<boolean> {
  const probe = connect(path);
  try {
    await once(probe, 'connect');
    return true;
  } catch (error) {
    if (errorCode(error) === 'EACCES') throw unusable(path, foreign, error);
    return errorCode(error) !== 'ECONNREFUSED' && errorCode(error) !== 'ENOENT';
  } finally {
    probe.destroy();
  }
}

const foreign =
  'is of another user and cannot be asked whether it is in use (EACCES); remove it if nobody listens there, or choose another path';

/**
 * A folder beside the socket that only we can enter. The way into it goes by its descriptor, because its own path may be too
 * long for a socket. Node removes the path that it bound when the server closes; by then the descriptor can mean another
 * folder, hence a name that no other folder has.
 */
async function openPrivateFolder(path: string) {
  const folder = await mkdtemp(join(dirname(path), `.${basename(path)}-`));
  // The umask can only have taken from the 0700 of mkdtemp(3), but a strict one can take too much.
  await chmod(folder, 0o700);
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    way: `/proc/self/fd/${handle.fd}`,
    uniqueName: basename(folder),
    async [Symbol.asyncDispose]() {
      await handle.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function look(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function isSame(a: BigIntStats | null, b: BigIntStats | null): boolean {
  return a?.ino === b?.ino && a?.dev === b?.dev;
}

function inUse(path: string): TokenwardError {
  return new TokenwardError(
    'SOCKET_IN_USE',
    `another process already answers at the socket ${path}; to see which: ss -xlp src ${path}; stop it, or choose another path`,
  );
}

function unusable(path: string, what: string, cause?: unknown): TokenwardError {
  return new TokenwardError(
    'SOCKET_UNUSABLE',
    `the socket ${path} ${what}`,
    cause === undefined ? {} : { cause },
  );
}
