import type { Failure } from '../domain/agent-event.ts';
import { TokenwardError, type ErrorCode } from '../domain/errors.ts';

/** What a failed disk says to an operator, by the name that the kernel gives the error (errno(3)). */
const diskTroubles: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full, of bytes or of inodes; free some space',
  EDQUOT: 'the disk quota is used up; raise it or free some space',
  EROFS: 'the file system is read-only; mount it for writing',
  EACCES: 'permission denied; give the state folder, and what is in it, to the user that runs tokenward',
  EPERM: 'the operation is not permitted; check the owner of the state folder',
  ENOENT: 'a folder that was there is gone; bring the state folder back, or mount its volume again',
  EIO: 'the disk reports an input/output error; replace it',
  EMFILE: 'the process is out of file descriptors; raise LimitNOFILE',
  ENFILE: 'the system is out of file descriptors',
};

/** A rejection of a port as a failure with a code; errors of the disk get words that help. */
export function failureOf(error: unknown, otherwise: ErrorCode): Failure {
  if (error instanceof TokenwardError) return { code: error.code, detail: error.message };
  const errno =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  const known = errno === null ? undefined : diskTroubles[errno];
  if (known !== undefined) return { code: otherwise, detail: `${known} (${errno}${placeOf(error)})` };
  return { code: otherwise, detail: error instanceof Error ? error.message : 'an unknown failure' };
}

/** The folder that a failed call of Node was about. The file may be a temporary one, with a name of its own at every try. */
function placeOf(error: unknown): string {
  const path: unknown = error instanceof Error && 'path' in error ? error.path : null;
  if (typeof path !== 'string' || !path.includes('/')) return '';
  return ` in ${path.slice(0, path.lastIndexOf('/'))}`;
}

/** What is in the way as an error; null where nothing is. */
export function errorOf(failure: Failure | null): TokenwardError | null {
  return failure === null ? null : new TokenwardError(failure.code, failure.detail);
}
