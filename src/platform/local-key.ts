import { createHash, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { TokenwardError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Disk } from '../ports/disk.ts';
import { readPrivateLine } from './private-file.ts';

/**
 * A key by which programs of this host show who they are, in a file that only its owner may read. Only its digest is kept.
 * The file is looked at whenever a key is compared, and read again where it has changed, so that a key is replaced without a
 * reload of the configuration.
 */
export interface LocalKey {
  /** Takes the same time for every wrong key. Never rejects. */
  matches(shown: string): Promise<boolean>;
}

export interface LocalKeyParts {
  readonly disk: Disk;
  /** The file cannot be used any more; the key that was read last stays good. Called once for each state of the file. */
  readonly onUnusable: (error: unknown) => void;
}

/** Half of what the advised command makes; whatever is shorter was typed by a person. */
export const leastKeyBytes = 16;
/** What is wrong with a shorter one, behind `the key in FILE`. */
export const keyAdvice = `is shorter than ${leastKeyBytes} bytes and could be guessed; make one: openssl rand -base64 32`;

/** Reads the key for the first time. Rejects `KEY_FILE_UNUSABLE` with what to do about the file. */
export async function openLocalKey(path: string, { disk, onUnusable }: LocalKeyParts): Promise<LocalKey> {
  let seen = lookOf(path);
  let expected = await readDigest(disk, path);
  let reading: Promise<void> | null = null;
  const readAgain = async (look: string): Promise<void> => {
    try {
      expected = await readDigest(disk, path);
    } catch (error) {
      onUnusable(error);
    } finally {
      seen = look;
      reading = null;
    }
  };
  return {
    async matches(shown) {
      const look = lookOf(path);
      if (look !== seen) await (reading ??= readAgain(look));
      return timingSafeEqual(digest(shown), expected);
    },
  };
}

async function readDigest(disk: Disk, path: string): Promise<Buffer> {
  const key = await readPrivateLine(disk, process.geteuid?.() ?? 0, { path, what: 'the key file' });
  refuseShort(path, key);
  return digest(key.reveal());
}

function refuseShort(path: string, key: Secret): void {
  if (Buffer.byteLength(key.reveal()) >= leastKeyBytes) return;
  throw new TokenwardError('KEY_FILE_UNUSABLE', `the key in ${path} ${keyAdvice}`, { fields: { path } });
}

/** Digests are of one length, as the comparison demands, and tell nothing of that of the key. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What changes with every change of the file. */
function lookOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'missing' : [found.dev, found.ino, found.ctimeNs, found.size].join(' ');
}
