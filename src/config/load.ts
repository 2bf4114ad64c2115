import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Config } from './config.ts';
import type { Environment } from './environment.ts';
import { parseConfig } from './parse.ts';
import { howToRead, notAFile, whereElse } from './unread-file.ts';

/** The configuration file. It is read with synchronous calls: nothing can begin before it, and asynchronous ones take 3 ms longer. */

export interface LoadContext {
  readonly env: Environment;
  /** The effective user of this process: its own files are as good as root's. */
  readonly uid: number;
}

/** No configuration is that long; something else was named by mistake. */
const maxBytes = 4 * 1024 * 1024;

/**
 * Throws `CONFIG_NOT_FOUND`; `CONFIG_UNSAFE` where others than its owner and root may change the file; `CONFIG_INVALID` with
 * all problems, one a line.
 */
export function loadConfig(file: string, { env, uid }: LoadContext): Config {
  const path = resolve(file);
  const bytes = readSafely(path, uid);
  return parseConfig(decode(bytes, path), path, env);
}

function readSafely(path: string, uid: number): Uint8Array {
  const descriptor = openFile(path);
  try {
    // The file that was opened is the one that is judged and read, whatever is renamed to the path meanwhile.
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > maxBytes) throw notAFile(path, stats);
    refuseUnsafeFile(path, stats, uid);
    refuseUnsafeFolder(dirname(path));
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openFile(path: string): number {
  try {
    // A named pipe would otherwise wait for its writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const message = `no configuration at ${path}; ${whereElse(path)}`;
      throw new TokenwardError('CONFIG_NOT_FOUND', message, { cause });
    }
    const reason = code === 'EACCES' ? `permission denied; ${howToRead(path)}` : (code ?? 'unknown error');
    throw new TokenwardError('CONFIG_INVALID', `cannot read ${path}: ${reason}`, { cause });
  }
}

/** Who can change the configuration can send the secret to a server of theirs. */
function refuseUnsafeFile(path: string, { mode, uid: owner }: Stats, uid: number): void {
  if (owner !== 0 && owner !== uid) {
    throw unsafe(
      `${path} belongs to uid ${owner}, neither root nor the user that runs tokenward; run: chown root ${path}`,
    );
  }
  if ((mode & 0o022) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    throw unsafe(`${path} may be written by others than its owner (mode ${shown}); run: chmod go-w ${path}`);
  }
}

/** In a folder that everybody may write, everybody may replace the file; unless the folder is sticky. */
function refuseUnsafeFolder(folder: string): void {
  const { mode } = statSync(folder);
  if ((mode & 0o002) === 0 || (mode & 0o1000) !== 0 || isReadOnly(folder)) return;
  throw unsafe(`everybody may replace files in ${folder}; run: chmod o-w ${folder}`);
}

/** Kubernetes mounts a ConfigMap with mode 0777, and read-only. */
function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return errorCode(error) === 'EROFS';
  }
}

function unsafe(message: string): TokenwardError {
  return new TokenwardError('CONFIG_UNSAFE', message);
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TokenwardError('CONFIG_INVALID', `cannot read ${path}: it is not UTF-8 text`, { cause });
  }
}
