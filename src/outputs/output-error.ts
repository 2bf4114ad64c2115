import { dirname } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { howToMake, howToOpen, whoMayNot } from '../platform/folder-advice.ts';
import { errorCode, remedyFor } from '../platform/system-error.ts';
import type { Sighting } from './sighting.ts';

/** Sentences for what can stand in the way of a token file: what happened, to what, and what to do. */

/** The error for a path at which something stands that is not ours to replace. */
export function notReplaceable(path: string, kind: Sighting['kind']): TokenwardError {
  const message =
    kind === 'symlink'
      ? `${path} is a symbolic link, which is neither followed nor replaced; remove it, or configure the path that it points to`
      : `${path} is not a regular file (${kind}), so no token is written there; remove it, or configure another path`;
  return new TokenwardError('OUTPUT_UNUSABLE', message, { fields: { path } });
}

/** The error for a token that its format cannot hold. The file stays as it is: an older token is better than a broken file. */
export function unwritable(path: string, format: string, problem: string): TokenwardError {
  const message = `the token cannot be written to ${path} as ${format}: ${problem}; configure another format for it, such as json`;
  return new TokenwardError('OUTPUT_FAILED', message, { fields: { path } });
}

/** Says what a failed write means. Errors of our own pass as they are. */
export function writeFailure(path: string, error: unknown): TokenwardError {
  if (error instanceof TokenwardError) return error;
  const code = errorCode(error) ?? 'unknown error';
  const options = { cause: error, fields: { path, errno: code } };
  const advice = adviceFor(path, code);
  if (advice !== null) return new TokenwardError('OUTPUT_UNUSABLE', advice, options);
  return new TokenwardError(
    'OUTPUT_FAILED',
    `cannot write the token file ${path} (${code}); ${remedyFor(code, 'see to its disk')}, it is tried again`,
    options,
  );
}

/** Says what a failed removal means. */
export function removalFailure(path: string, error: unknown): TokenwardError {
  const code = errorCode(error) ?? 'unknown error';
  const why = ['EACCES', 'EROFS'].includes(code) ? whoMayNot(code) : code;
  return new TokenwardError(
    'OUTPUT_FAILED',
    `cannot remove the token file ${path}, whose token is dead (${why}); see to its folder, it is tried again`,
    { cause: error, fields: { path, errno: code } },
  );
}

function adviceFor(path: string, code: string): string | null {
  const folder = dirname(path);
  switch (code) {
    case 'ENOENT':
      return `the folder of the token file ${path} is missing; ${howToMake(folder, '0755')}`;
    case 'ENOTDIR':
      return `${folder} is not a folder, so the token file ${path} cannot be in it; configure another path`;
    case 'EISDIR':
      return notReplaceable(path, 'folder').message;
    case 'EACCES':
    case 'EROFS':
      return `cannot write the token file ${path} into its folder: ${whoMayNot(code)}; ${howToOpen(folder, code)}`;
    case 'EPERM':
      return `not permitted to write the token file ${path}; an owner needs tokenward to run as root, a group needs it to be a member`;
    default:
      return null;
  }
}
