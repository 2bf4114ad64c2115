import { dirname, join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import { errorCode, remedyFor } from '../platform/system-error.ts';
import type { Attic } from '../ports/attic.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import type { SecretSlot, WrappingKey } from '../ports/secret-store.ts';
import type { KeySource } from './key-source.ts';
import type { SlotImage, Slots } from './slots.ts';

/** Sealed records as files in the agent's folder of the state; the key that opens them lies elsewhere. */

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const PROBE_FILE = 'probe.sealed';

const fileNames: Readonly<Record<SecretSlot, string>> = {
  current: 'secret.sealed',
  candidate: 'candidate.sealed',
};

export interface FileSlotsOptions {
  /** Absolute. Made where missing, with the folders above it. */
  readonly folder: string;
  readonly keySource: KeySource;
  readonly disk: Disk;
  readonly random: Random;
}

export class FileSlots implements Slots {
  readonly kind = 'file';
  readonly identity: string;
  readonly #folder: string;
  readonly #keySource: KeySource;
  readonly #disk: Disk;
  readonly #random: Random;
  #folderIsDurable = false;

  constructor({ folder, keySource, disk, random }: FileSlotsOptions) {
    this.identity = `file:${folder}`;
    this.#folder = folder;
    this.#keySource = keySource;
    this.#disk = disk;
    this.#random = random;
  }

  async read(): Promise<SlotImage> {
    const [key, nextKey, current, candidate] = await Promise.all([
      this.#keySource.read(),
      this.#keySource.readNext(),
      this.#read('current'),
      this.#read('candidate'),
    ]);
    return { key, nextKey, current, candidate };
  }

  createKey(key: WrappingKey): Promise<WrappingKey | null> {
    return this.#keySource.create(key);
  }

  async write(slot: SecretSlot, sealed: Uint8Array): Promise<Uint8Array | null> {
    const name = fileNames[slot];
    await this.#explained('write', name, (path) => this.#replace(name, path, sealed));
    return this.#read(slot);
  }

  removeCandidate(): Promise<void> {
    return this.#explained('remove', fileNames.candidate, (path) => this.#remove(path));
  }

  setAside(slot: SecretSlot, attic: Attic): Promise<void> {
    const name = fileNames[slot];
    return this.#explained('set aside', name, () => attic.move(name));
  }

  prove(record: Uint8Array): Promise<void> {
    return this.#explained('write', PROBE_FILE, async (path) => {
      // of a slot that may not be written again for long
      for (const name of Object.values(fileNames)) await removeLeftovers(this.#disk, this.#folder, name);
      await this.#replace(PROBE_FILE, path, record);
      await this.#remove(path);
    });
  }

  createNextKey(key: WrappingKey): Promise<WrappingKey | null> {
    return this.#keySource.createNext(key);
  }

  promoteNextKey(): Promise<void> {
    return this.#keySource.promoteNext();
  }

  async sweep(): Promise<void> {
    for (const name of [...Object.values(fileNames), PROBE_FILE])
      await this.#explained('remove', name, () => removeLeftovers(this.#disk, this.#folder, name));
    await this.#explained('remove', PROBE_FILE, (path) => this.#remove(path));
  }

  #read(slot: SecretSlot): Promise<Uint8Array | null> {
    return this.#explained('read', fileNames[slot], (path) => this.#disk.read(path));
  }

  async #replace(name: string, path: string, bytes: Uint8Array): Promise<void> {
    await this.#makeFolderDurable();
    await removeLeftovers(this.#disk, this.#folder, name);
    await writeAtomically(this.#disk, this.#random, path, bytes, { mode: FILE_MODE });
  }

  /** Synced even where the file is gone already: an earlier removal may not have come so far. */
  async #remove(path: string): Promise<void> {
    if ((await this.#disk.stat(this.#folder)) === null) return;
    await this.#disk.remove(path);
    await this.#disk.syncFolder(this.#folder);
  }

  /** Other parts of the program may have made the folder without syncing the one above it; once in a process is enough. */
  async #makeFolderDurable(): Promise<void> {
    if ((await this.#disk.stat(this.#folder)) === null) await this.#makeFolders(this.#folder);
    else if (!this.#folderIsDurable) await this.#disk.syncFolder(dirname(this.#folder));
    this.#folderIsDurable = true;
  }

  async #makeFolders(folder: string): Promise<void> {
    const parent = dirname(folder);
    if ((await this.#disk.stat(parent)) === null) await this.#makeFolders(parent);
    await this.#disk.makeFolder(folder, FOLDER_MODE);
    await this.#disk.syncFolder(parent);
  }

  async #explained<T>(verb: string, name: string, work: (path: string) => Promise<T>): Promise<T> {
    const path = join(this.#folder, name);
    try {
      return await work(path);
    } catch (error) {
      const errno = errorCode(error) ?? 'unknown error';
      const remedy = remedyFor(errno, `see to the free space and the permissions of ${this.#folder}`);
      const message = `cannot ${verb} ${path} (${errno}); ${remedy}`;
      throw new TokenwardError('STORE_UNAVAILABLE', message, { cause: error, fields: { path, errno } });
    }
  }
}
