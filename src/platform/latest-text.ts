import { basename, dirname } from 'node:path';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import { removeLeftovers, writeAtomically } from './atomic-write.ts';

interface LatestTextParts {
  readonly disk: Disk;
  readonly random: Random;
  readonly path: string;
  /** A save failed, after one that succeeded. The next change tries again. */
  readonly onFailed: (error: unknown) => void;
}

/** A small file of the state folder, mode 0600, that follows a text of the program, at the pace of the disk. */
export class LatestText {
  readonly #parts: LatestTextParts;
  /** What is in the file, as far as is known. */
  #saved: string | null = null;
  #wanted: string | null = null;
  #saving: Promise<void> | null = null;
  #failing = false;

  /** `initial`: what need not be written where there is no file. */
  constructor(parts: LatestTextParts, initial: string | null = null) {
    this.#parts = parts;
    this.#saved = initial;
    this.#wanted = initial;
  }

  /** What the file holds, null where there is none. Rejects as the disk does. */
  async read(): Promise<string | null> {
    const { disk, path } = this.#parts;
    const bytes = await disk.read(path);
    if (bytes === null) return null;
    this.#saved = Buffer.from(bytes).toString('utf8');
    return this.#saved;
  }

  /** Returns at once; of several that come while the disk is at work, the last one is written. */
  save(text: string): void {
    this.#wanted = text;
    if (text !== this.#saved) this.#saving ??= this.#saveAll();
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#saving;
  }

  async #saveAll(): Promise<void> {
    const { disk, random, path, onFailed } = this.#parts;
    try {
      await removeLeftovers(disk, dirname(path), basename(path));
      while (this.#wanted !== null && this.#wanted !== this.#saved) {
        const text = this.#wanted;
        await writeAtomically(disk, random, path, Buffer.from(text), { mode: 0o600 });
        this.#saved = text;
      }
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) onFailed(error);
      this.#failing = true;
    } finally {
      this.#saving = null;
    }
  }
}
