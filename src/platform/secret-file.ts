import { constants, type BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TokenwardError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { maxSecretBytes, parseSecretInput, secretTooLarge } from './secret-input.ts';
import { errorCode, remedyFor } from './system-error.ts';

/** The file into which others drop a new secret. It is only ever read. */

/** What lies in the file now. */
export interface SecretFileReading {
  readonly secret: Secret;
  /** Permission bits. */
  readonly mode: number;
}

const rootUid = 0n;
const writableByOthers = 0o002n;
/** A trailing newline, and one byte that shows that there are too many. */
const mostBytes = maxSecretBytes + 2;

/**
 * Reads the file, through symbolic links, because Kubernetes mounts a Secret behind some. null where there is none, or where
 * somebody writes it in this moment. `uid` is the user that runs the daemon, who may own it beside root. Neither a FIFO nor a
 * device holds the call up. Rejects `SECRET_FILE_UNUSABLE`.
 */
export async function readSecretFile(path: string, uid: number): Promise<SecretFileReading | null> {
  try {
    return await read(path, uid);
  } catch (error) {
    const errno = errorCode(error);
    if (error instanceof TokenwardError && error.code === 'SECRET_INPUT_INVALID')
      throw unusable(error.message, error);
    if (error instanceof TokenwardError || errno === undefined) throw error;
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
    // what open(2) says of a socket, and of a device that is not there
    if (errno === 'ENXIO') throw notRegular(path);
    const advice = remedyFor(errno, 'see to the permissions of the file and of the folders above it');
    throw unusable(`cannot read the secret file ${path} (${errno}); ${advice}`, error);
  }
}

async function read(path: string, uid: number): Promise<SecretFileReading | null> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const before = await file.stat({ bigint: true });
  refuseFlaws(path, before, BigInt(uid));
  const what = `secret file ${path}`;
  if (before.size > mostBytes) throw secretTooLarge(what);
  const bytes = await firstBytes(file);
  const after = await file.stat({ bigint: true });
  if (before.size !== after.size || before.mtimeNs !== after.mtimeNs) return null;
  return { secret: parseSecretInput(bytes, what), mode: Number(before.mode & 0o7777n) };
}

async function firstBytes(file: FileHandle): Promise<Uint8Array> {
  const buffer = Buffer.alloc(mostBytes);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, mostBytes - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === mostBytes) return buffer.subarray(0, length);
  }
}

/** Who may write the file decides which secret the agent uses. */
function refuseFlaws(path: string, found: BigIntStats, uid: bigint): void {
  if (!found.isFile()) throw notRegular(path);
  if (found.uid !== uid && found.uid !== rootUid)
    throw unusable(
      `the secret file ${path} belongs to user ${found.uid}, neither root nor the user of tokenward; run: chown ${uid} ${path}`,
    );
  if ((found.mode & writableByOthers) !== 0n)
    throw unusable(`everybody may write to the secret file ${path}; run: chmod o-w ${path}`);
}

function notRegular(path: string): TokenwardError {
  return unusable(`the secret file ${path} is not a regular file; put the secret into a file, on one line`);
}

function unusable(message: string, cause?: unknown): TokenwardError {
  return new TokenwardError('SECRET_FILE_UNUSABLE', message, cause === undefined ? {} : { cause });
}
