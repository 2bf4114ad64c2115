import { basename, dirname } from 'node:path';
import type { TokenwardError } from '../domain/errors.ts';
import { createAtomically, removeLeftovers } from '../platform/atomic-write.ts';
import { howToMake } from '../platform/folder-advice.ts';
import { privateFileFlaw } from '../platform/private-file.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import { decodeKey, encodeKey, keyFileUnusable, type KeySource } from './key-source.ts';

/**
 * A wrapping key in a file of its own, which agents may share. It appears at its path as a whole, and whoever comes second
 * uses the key of the first. Only the next key replaces it, which is made in the same way beside it: at every moment, and
 * after a power cut, the path has one of the two.
 */

const FILE_MODE = 0o600;

export interface KeyFileOptions {
  readonly path: string;
  /** Our own user, who may own the file beside root. */
  readonly uid: number;
  readonly disk: Disk;
  readonly random: Random;
  /** Permission bits of a file that is made. */
  readonly mode?: number;
}

export class KeyFile implements KeySource {
  readonly #path: string;
  readonly #uid: number;
  readonly #disk: Disk;
  readonly #random: Random;
  readonly #mode: number;

  constructor({ path, uid, disk, random, mode = FILE_MODE }: KeyFileOptions) {
    this.#path = path;
    this.#uid = uid;
    this.#disk = disk;
    this.#random = random;
    this.#mode = mode;
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

  /** Also makes durable what a process that was killed on the way has made, before anything is sealed with it. */
  async create(key: WrappingKey): Promise<WrappingKey | null> {
    if ((await this.read()) === null) await this.#make(encodeKey(key));
    const folder = dirname(this.#path);
    // leftovers do no harm: nothing is sealed with them, or they are the key itself
    await removeLeftovers(this.#disk, folder, basename(this.#path)).catch(() => {});
    await this.#disk.syncFolder(folder).catch((error: unknown) => {
      // a folder that we may not open, or nobody may write to, is none in which the key was just made
      if (!NOT_OURS.has(errorCode(error) ?? '')) throw cannot('create', this.#path, error);
    });
    return this.read();
  }

  readNext(): Promise<WrappingKey | null> {
    return this.#next().read();
  }

  /** As strict as the file that it will replace; and a folder that cannot be synced is no place for a key to come. */
  async createNext(key: WrappingKey): Promise<WrappingKey | null> {
    const found = await this.#explained(this.#disk.stat(this.#path));
    const made = await this.#next(found?.mode).create(key);
    try {
      await this.#disk.syncFolder(dirname(this.#path));
    } catch (error) {
      throw cannot('replace', this.#path, error);
    }
    return made;
  }

  async promoteNext(): Promise<void> {
    const path = this.#path;
    const folder = dirname(path);
    const nextKey = await this.readNext();
    try {
      // one that was left when the key was made is a second name of the old key
      await removeLeftovers(this.#disk, folder, basename(path));
      if (nextKey !== null) await this.#disk.rename(this.#nextPath, path);
      await this.#disk.syncFolder(folder);
    } catch (error) {
      throw cannot('replace', path, error);
    }
  }

  get #nextPath(): string {
    return `${this.#path}.next`;
  }

  #next(mode = this.#mode): KeyFile {
    return new KeyFile({
      path: this.#nextPath,
      uid: this.#uid,
      disk: this.#disk,
      random: this.#random,
      mode,
    });
  }

  async #make(bytes: Uint8Array): Promise<void> {
    try {
      await createAtomically(this.#disk, this.#random, this.#path, bytes, { mode: this.#mode });
    } catch (error) {
      // another process was faster (EEXIST), and may have taken our temporary file for a leftover (ENOENT)
      if ((await this.read()) === null) throw cannot('create', this.#path, error);
    }
  }

  async #readChecked(): Promise<Uint8Array | null> {
    const path = this.#path;
    const found = await this.#explained(this.#disk.stat(path));
    if (found === null) return null;
    const flaw = privateFileFlaw('the key file', path, found, this.#uid);
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
  return keyFileUnusable(
    path,
    `cannot ${verb} the key file ${path} (${errno}); ${adviceFor(errno, path)}`,
    error,
  );
}

function adviceFor(errno: string, path: string): string {
  if (errno === 'ENOENT') return `its folder is missing, ${howToMake(dirname(path), '0700')}`;
  if (NO_HARD_LINKS.has(errno))
    return `its file system has no hard links; make it yourself: (umask 077; head -c 32 /dev/urandom | base64 > ${path})`;
  return 'see to the permissions of the file and of the folders above it';
}

const NOT_OURS = new Set(['EACCES', 'EROFS']);

/** What link(2) says on FAT and on some network file systems. */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);
