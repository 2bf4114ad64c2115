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

/** From standard input, or from a hidden prompt where that is a terminal. Rejects `SECRET_INPUT_INVALID`. */
export async function readSecret(what: string): Promise<Secret> {
  if (process.stdin.isTTY) return parseSecretInput(Buffer.from(await promptHidden(`${what}: `)), what);
  return readFrom(process.stdin, what);
}

/** From a file, or from standard input where its name is `-`. Rejects `SECRET_INPUT_INVALID`. */
export async function readSecretFile(path: string, what: string): Promise<Secret> {
  if (path === '-') return readFrom(process.stdin, what);
  const handle = await open(path, constants.O_RDONLY).catch((error: unknown) => {
    const advice = 'see to its path and permissions';
    throw invalidSecretInput(
      `cannot read the ${what} from ${path} (${errorCode(error) ?? 'unknown error'}); ${advice}`,
      error,
    );
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

async function readFrom(stream: Readable, what: string): Promise<Secret> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxSecretBytes + 1) throw secretTooLarge(what);
  }
  return parseSecretInput(Buffer.concat(chunks, size), what);
}
