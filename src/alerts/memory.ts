import { basename, dirname } from 'node:path';
import * as v from 'valibot';
import { errorClasses } from '../domain/errors.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Disk } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';

/**
 * Who was told of what, in a file of the state folder, so that the next process neither tells it again nor forgets to tell its
 * end. Best effort: alerts go out without it too.
 */

const rememberedSchema = v.object({
  agent: v.nullable(v.string()),
  ordinal: v.pipe(v.number(), v.integer(), v.minValue(1)),
  code: v.picklist(Object.keys(errorClasses) as (keyof typeof errorClasses)[]),
  severity: v.picklist(['info', 'warning', 'critical']),
  since: v.string(),
  summary: v.string(),
  endedAt: v.nullable(v.string()),
  superseded: v.boolean(),
  /** Names of channels. */
  told: v.array(v.string()),
});

const fileSchema = v.object({ version: v.literal(1), episodes: v.array(rememberedSchema) });

/** An episode that channels were told of, and of whose end they were not. */
export type Remembered = Readonly<v.InferOutput<typeof rememberedSchema>>;

export interface MemoryParts {
  readonly disk: Disk;
  readonly random: Random;
  readonly log: Log;
  readonly path: string;
}

export class AlertMemory {
  readonly #parts: MemoryParts;
  /** What is in the file, as far as is known. */
  #saved = textOf([]);
  #wanted = textOf([]);
  #saving: Promise<void> | null = null;
  #failing = false;

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  /** What the process before remembered; nothing where there is no file, or none that can be read. Never rejects. */
  async load(): Promise<readonly Remembered[]> {
    const { disk, path, log } = this.#parts;
    try {
      const bytes = await disk.read(path);
      if (bytes === null) return [];
      const text = Buffer.from(bytes).toString('utf8');
      this.#saved = text;
      return v.parse(fileSchema, JSON.parse(text)).episodes;
    } catch (error) {
      const reason = errorCode(error) ?? 'it is damaged';
      log.warn('alert-state-unreadable', { path, reason });
      return [];
    }
  }

  /** Returns at once; of several that come while the disk is at work, the last one is written. */
  save(episodes: readonly Remembered[]): void {
    this.#wanted = textOf(episodes);
    if (this.#wanted !== this.#saved) this.#saving ??= this.#saveAll();
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#saving;
  }

  async #saveAll(): Promise<void> {
    const { disk, random, path, log } = this.#parts;
    try {
      await removeLeftovers(disk, dirname(path), basename(path));
      while (this.#wanted !== this.#saved) {
        const text = this.#wanted;
        await writeAtomically(disk, random, path, Buffer.from(text), { mode: 0o600 });
        this.#saved = text;
      }
      this.#failing = false;
    } catch (error) {
      // The next change tries again. Until then a restart may tell twice what it should tell once.
      if (!this.#failing) log.warn('alert-state-not-saved', { path, errno: errorCode(error) ?? 'unknown' });
      this.#failing = true;
    } finally {
      this.#saving = null;
    }
  }
}

function textOf(episodes: readonly Remembered[]): string {
  return `${JSON.stringify({ version: 1, episodes }, null, 1)}\n`;
}
