import { TokenwardError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Disk, DiskStat } from '../ports/disk.ts';
import { parseSecretInput } from './secret-input.ts';
import { errorCode } from './system-error.ts';

/** Files of this host with something secret in them, which nobody but their owner may read. */

const strictest = 0o600;
const rootUid = 0;

/** What keeps a file from being trusted with a secret; null where nothing does. `what` is its part in the sentence: `the key file`. */
export function privateFileFlaw(what: string, path: string, found: DiskStat, uid: number): string | null {
  if (found.kind === 'symlink') return `${what} ${path} is a symbolic link; name the file that it points to`;
  if (found.kind !== 'file') return `${what} ${path} is not a regular file (${found.kind}); name a file`;
  if (found.uid !== uid && found.uid !== rootUid) {
    return `${what} ${path} belongs to user ${found.uid}, who could replace it; run: chown ${uid} ${path}`;
  }
  if ((found.mode & ~strictest) !== 0) {
    const mode = found.mode.toString(8).padStart(4, '0');
    return `${what} ${path} has mode ${mode}, but must be 0600 or stricter; run: chmod 0600 ${path}`;
  }
  return null;
}

export interface PrivateFile {
  readonly path: string;
  /** What it is, for messages: `the password file`. */
  readonly what: string;
}

/** The one line that the file holds. `uid` is the user that runs the daemon. Rejects `KEY_FILE_UNUSABLE` with what to do about it. */
export async function readPrivateLine(disk: Disk, uid: number, { path, what }: PrivateFile): Promise<Secret> {
  const bytes = await readTrusted(disk, uid, { path, what });
  try {
    return parseSecretInput(bytes, `content of ${path}`);
  } catch (cause) {
    const flaw = cause instanceof TokenwardError ? cause.message : 'unusable content';
    throw unusable(path, `${what} cannot be used: ${flaw}`, cause);
  }
}

async function readTrusted(disk: Disk, uid: number, { path, what }: PrivateFile): Promise<Uint8Array> {
  try {
    const found = await disk.stat(path);
    const flaw = found === null ? null : privateFileFlaw(what, path, found, uid);
    if (flaw !== null) throw unusable(path, flaw);
    const bytes = found === null ? null : await disk.read(path);
    if (bytes !== null) return bytes;
  } catch (cause) {
    if (cause instanceof TokenwardError) throw cause;
    const errno = errorCode(cause) ?? 'unknown error';
    const advice = 'see to the permissions of the file and of the folders above it';
    throw unusable(path, `cannot read ${what} ${path} (${errno}); ${advice}`, cause);
  }
  throw unusable(path, `${what} ${path} is missing; make it with mode 0600, one line, or correct the path`);
}

function unusable(path: string, message: string, cause?: unknown): TokenwardError {
  return new TokenwardError('KEY_FILE_UNUSABLE', message, {
    fields: { path },
    ...(cause !== undefined && { cause }),
  });
}
