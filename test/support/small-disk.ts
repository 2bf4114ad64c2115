import { open, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../src/platform/system-error.ts';
import { Mounts } from '../e2e/bad-input/mounts.ts';
import { runProgram } from './run-program.ts';

interface Size {
  /** As mount(8) takes it; enough for a rotation and its pre-flight, and quick to fill. */
  readonly size?: string;
  /** How many files and folders fit. */
  readonly inodes?: number;
}

/**
 * A file system of its own at a folder, small enough to be filled in a moment (tmpfs(5)). Only the programs that are started
 * `through` it see it, and it goes with the last of them. Needs root; where a mount is refused the test fails.
 */
export class SmallDisk implements AsyncDisposable {
  readonly folder: string;
  readonly #mounts: Mounts;

  private constructor(folder: string, mounts: Mounts) {
    this.folder = folder;
    this.#mounts = mounts;
  }

  static async at(folder: string, { size = '512k', inodes = 64 }: Size = {}): Promise<SmallDisk> {
    const script = 'mount -t tmpfs -o "size=$2,nr_inodes=$3" tmpfs "$1"';
    return new SmallDisk(folder, await Mounts.create(script, [folder, size, String(inodes)]));
  }

  get through(): readonly string[] {
    return this.#mounts.through;
  }

  /** Where the test itself finds a file that programs see at this path. */
  path(path: string): string {
    return this.#mounts.path(path);
  }

  /** Takes the last byte. */
  async fill(): Promise<void> {
    const file = await open(this.path(join(this.folder, 'filler')), 'wx');
    try {
      for (;;) await file.write(Buffer.alloc(256 * 1024));
    } catch (error) {
      if (errorCode(error) !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  /** Takes the last inodes; every byte stays free. */
  async fillInodes(): Promise<void> {
    const { ffree } = await statfs(this.path(this.folder));
    for (let left = ffree; left > 0; left -= 1)
      await writeFile(this.path(join(this.folder, `filler-${left}`)), '');
  }

  /** Gives back what was taken. */
  async free(): Promise<void> {
    const root = this.path(this.folder);
    for (const name of await readdir(root)) if (name.startsWith('filler')) await rm(join(root, name));
  }

  /** For everyone who opens a file from now on, as after the remount that follows an error of the disk. */
  async becomeReadOnly(): Promise<void> {
    await this.#run('mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"');
  }

  async becomeWritable(): Promise<void> {
    await this.#run('umount -l "$1"');
  }

  /** The file system goes away, and what was below it appears: an empty folder. */
  async detach(): Promise<void> {
    await this.#run('mkdir -p "$1.aside" && mount --bind "$1" "$1.aside" && umount -l "$1"');
  }

  /** It comes back with all that is on it. */
  async attach(): Promise<void> {
    await this.#run('mount --bind "$1.aside" "$1" && umount "$1.aside" && rmdir "$1.aside"');
  }

  async #run(script: string): Promise<void> {
    const { exitCode, stderr } = await runProgram('sh', ['-eu', '-c', script, 'sh', this.folder], {
      through: this.through,
    });
    if (exitCode !== 0) throw new Error(`a mount failed: ${stderr}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#mounts[Symbol.asyncDispose]();
  }
}
