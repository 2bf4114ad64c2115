import { dirname } from 'node:path';
import type { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk, DiskStat } from '../ports/disk.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import { decodeKey, encodeKey, keyFileUnusable, type KeySource } from './key-source.ts';

/**
 * A wrapping key in a file of its own, which agents may share. It is made with O_EXCL and never replaced: whoever comes
 * second uses the key of the first.
 */

const FILE_MODE = 0o600;
const ROOT_UID = 0;

/** How often, and how many times, a second process looks whether the first has written the file that it created. */
const WRITTEN_POLL_MS = 20;
const WRITTEN_POLLS = 50;

export interface KeyFileOptions {
  readonly path: string;
  /** Our own user, who may own the file beside root. */
  readonly uid: number;
  readonly disk: Disk;
  readonly clock: Clock;
}

export class KeyFile implements KeySource {
  readonly #path: string;
  readonly #uid: number;
  readonly #disk: Disk;
  readonly #clock: Clock;

  constructor({ path, uid, disk, clock }: KeyFileOptions) {
    this.#path = path;
    this.#uid = uid;
    this.#disk = disk;
    this.#clock = clock;
  }

  async read(): Promise<WrappingKey | null> {
    const bytes = await this.#readChecked();
    if (bytes === null) return null;
    const key = decodeKey(bytes);
    if (key !== null) return key;
    const advice =
      'restore the right file, or remove it where nothing is sealed with it yet, and a new one is made';
    throw keyFileUnusable(
      this.#path,
      `the key file ${this.#path} does not hold 32 bytes as base64 on one line; ${advice}`,
    );
  }

  async create(key: WrappingKey): Promise<WrappingKey | null> {
    try {
      await this.#createDurably(encodeKey(key));
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw cannot('create', this.#path, error);
      await this.#writtenByAnother();
    }
    return this.read();
  }

  async #createDurably(bytes: Uint8Array): Promise<void> {
    const file = await this.#disk.create(this.#path, FILE_MODE);
    try {
      try {
        await file.write(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      // half a key file would stand in the way for ever; the first failure is the one to tell
      await this.#disk.remove(this.#path).catch(() => {});
      throw error;
    }
    await this.#disk.syncFolder(dirname(this.#path));
  }

  /** Returns when the file is no longer empty, or when waiting longer makes no sense: reading it says the rest. */
  async #writtenByAnother(): Promise<void> {
    for (let poll = 0; poll < WRITTEN_POLLS; poll += 1) {
      const bytes = await this.#readChecked();
      if (bytes?.length !== 0) return;
      await new Promise<void>((resolve) => {
        this.#clock.after(WRITTEN_POLL_MS, resolve);
      });
    }
  }

  async #readChecked(): Promise<Uint8Array | null> {
    const path = this.#path;
    const found = await this.#explained(this.#disk.stat(path));
    if (found === null) return null;
    const flaw = flawOf(path, found, this.#uid);
    if (flaw !== null) throw keyFileUnusable(path, flaw);
    return this.#explained(this.#disk.read(path));
  }

  async #explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw cannot('read', this.#path, error);
    }
  }
}

function cannot(verb: string, path: string, error: unknown): TokenwardError {
  const errno = errorCode(error) ?? 'unknown error';
  const advice =
    errno === 'ENOENT'
      ? `create its folder: mkdir -m 0700 -p ${dirname(path)}`
      : 'see to the permissions of the file and of the folders above it';
  return keyFileUnusable(path, `cannot ${verb} the key file ${path} (${errno}); ${advice}`, error);
}

/** What keeps a file from being trusted with a key; null where nothing does. */
function flawOf(path: string, found: DiskStat, uid: number): string | null {
  if (found.kind === 'symlink')
    return `the key file ${path} is a symbolic link; name the file that it points to`;
  if (found.kind !== 'file') return `the key file ${path} is not a regular file (${found.kind}); name a file`;
  if (found.uid !== uid && found.uid !== ROOT_UID) {
    return `the key file ${path} belongs to user ${found.uid}, who could replace it; run: chown ${uid} ${path}`;
  }
  if ((found.mode & ~FILE_MODE) !== 0) {
    const mode = found.mode.toString(8).padStart(4, '0');
    return `the key file ${path} has mode ${mode}, but must be 0600 or stricter; run: chmod 0600 ${path}`;
  }
  return null;
}
