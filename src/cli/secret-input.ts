import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Secret } from '../domain/secret.ts';
import {
  invalidSecretInput,
  maxSecretBytes,
  parseSecretInput,
  secretTooLarge,
} from '../platform/secret-input.ts';
import { errorCode } from '../platform/system-error.ts';
import { promptHidden } from './prompt.ts';

/**
 * How a credential gets in: from a file, from standard input, or typed where nobody sees it. Never from the arguments, which
 * every process of the host can read and every shell writes into its history.
 */

/** From standard input, or from a hidden prompt where that is a terminal. `how` is a command that gives it. Rejects `SECRET_INPUT_INVALID`. */
export async function readSecret(what: string, how: string): Promise<Secret> {
  if (process.stdin.isTTY) return parseSecretInput(Buffer.from(await promptHidden(`${what}: `)), what);
  const bytes = await bytesOf(process.stdin, what);
  if (bytes.length > 0) return parseSecretInput(bytes, what);
  throw invalidSecretInput(`there is no ${what} on standard input; give it on one line: \`${how}\``);
}

/** From a file, or from standard input where its name is `-`. Rejects `SECRET_INPUT_INVALID`. */
export async function readSecretFile(path: string, what: string): Promise<Secret> {
  if (path === '-') return readFrom(process.stdin, what);
  const handle = await open(path, constants.O_RDONLY).catch((error: unknown) => {
    throw invalidSecretInput(unreadable(path, what, errorCode(error) ?? 'unknown error'), error);
  });
  const stats = await handle.stat();
  if (stats.isFile() && (stats.mode & 0o007) !== 0) {
    await handle.close();
    const advice = `run: chmod 0600 ${path}, and think of renewing what was in it`;
    throw invalidSecretInput(`everybody may read the ${what} in ${path}; ${advice}`);
  }
  if (stats.isDirectory()) throw invalidSecretInput(`${path} is a folder; name the file with the ${what}`);
  return readFrom(handle.createReadStream(), `${what} in ${path}`);
}

/** What looks like a credential instead of the name of its file is not repeated. */
function unreadable(path: string, what: string, errno: string): string {
  if (!/^[.~]?\//.test(path) && path.length > longestShown)
    return `there is no file of that name with the ${what}; name its file, and not the ${what} itself: take that for known now`;
  if (errno === 'ENOENT' || errno === 'ENOTDIR')
    return `there is no file ${path} with the ${what}; correct the path, or write it: (umask 077; cat > ${path})`;
  if (errno === 'EACCES')
    return `the ${what} in ${path} may not be read by this user; run this as the user it belongs to`;
  return `cannot read the ${what} from ${path} (${errno}); look at its disk`;
}

/** Characters of a file name; credentials are longer. */
const longestShown = 30;

async function readFrom(stream: Readable, what: string): Promise<Secret> {
  return parseSecretInput(await bytesOf(stream, what), what);
}

async function bytesOf(stream: Readable, what: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxSecretBytes + 1) throw secretTooLarge(what);
  }
  return Buffer.concat(chunks, size);
}
