import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { TokenwardError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { errorCode } from '../platform/system-error.ts';
import { promptHidden } from './prompt.ts';

/**
 * How a credential gets in: from a file, from standard input, or typed where nobody sees it. Never from the arguments, which
 * every process of the host can read and every shell writes into its history.
 */

/** More than any credential has; something else was given by mistake. */
const maxBytes = 16 * 1024;

/** From standard input, or from a hidden prompt where that is a terminal. Rejects `SECRET_INPUT_INVALID`. */
export async function readSecret(what: string): Promise<Secret> {
  if (process.stdin.isTTY) return parse(Buffer.from(await promptHidden(`${what}: `)), what);
  return readFrom(process.stdin, what);
}

/** From a file, or from standard input where its name is `-`. Rejects `SECRET_INPUT_INVALID`. */
export async function readSecretFile(path: string, what: string): Promise<Secret> {
  if (path === '-') return readFrom(process.stdin, what);
  const handle = await open(path, constants.O_RDONLY).catch((error: unknown) => {
    const advice = 'see to its path and permissions';
    throw invalid(
      `cannot read the ${what} from ${path} (${errorCode(error) ?? 'unknown error'}); ${advice}`,
      error,
    );
  });
  const stats = await handle.stat();
  if (stats.isFile() && (stats.mode & 0o007) !== 0) {
    await handle.close();
    const advice = `run: chmod 0600 ${path}, and think of renewing what was in it`;
    throw invalid(`everybody may read the ${what} in ${path}; ${advice}`);
  }
  if (stats.isDirectory()) throw invalid(`${path} is a folder; name the file with the ${what}`);
  return readFrom(handle.createReadStream(), what);
}

async function readFrom(stream: Readable, what: string): Promise<Secret> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxBytes + 1) throw invalid(`the ${what} is larger than ${maxBytes} bytes; give it alone`);
  }
  return parse(Buffer.concat(chunks, size), what);
}

// eslint-disable-next-line no-control-regex -- finding control characters is the point
const controlCharacter = /[\u0000-\u001F\u007F-\u009F]/;

/** One trailing newline is trimmed, which editors and `echo` add. Nothing else is mended in silence. */
function parse(bytes: Uint8Array, what: string): Secret {
  const text = decode(bytes, what).replace(/\n$/, '');
  if (text === '') throw invalid(`the ${what} is empty; nothing was stored`);
  if (controlCharacter.test(text)) {
    throw invalid(
      `the ${what} has a line break or another control character in it; give it alone, on one line`,
    );
  }
  return new Secret(text);
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalid(`the ${what} is not UTF-8 text; give it as plain text`, error);
  }
}

function invalid(message: string, cause?: unknown): TokenwardError {
  return new TokenwardError('SECRET_INPUT_INVALID', message, cause === undefined ? {} : { cause });
}
