import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemDisk } from './system-disk.ts';

/**
 * A new file that is made, with room on the disk, before there is anything to put into it: for what exists once, and must not meet
 * a full disk or a folder that nobody may write.
 */
export class ReservedFile {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Of this user alone (0600). Never replaces or follows anything: rejects EEXIST, and else with Node's errors. */
  static async create(path: string, roomBytes: number): Promise<ReservedFile> {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const file = await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
    const reserved = new ReservedFile(path, file);
    try {
      await file.chmod(0o600);
      await file.write(new Uint8Array(roomBytes), 0, roomBytes, 0);
      await file.sync();
      await systemDisk.syncFolder(dirname(path));
      return reserved;
    } catch (error) {
      await reserved.discard();
      throw error;
    }
  }

  /** Durable on return. Rejects with Node's errors. */
  async fill(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.write(bytes, 0, bytes.length, 0);
      await this.#file.truncate(bytes.length);
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  async discard(): Promise<void> {
    await this.#file.close();
    // best effort: an empty file that stays is no harm
    await unlink(this.path).catch(() => {});
  }
}
