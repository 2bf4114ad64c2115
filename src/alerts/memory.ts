import * as v from 'valibot';
import { errorClasses } from '../domain/errors.ts';
import { LatestText } from '../platform/latest-text.ts';
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
  readonly #file: LatestText;

  constructor(parts: MemoryParts) {
    this.#parts = parts;
    const { path, log } = parts;
    // Until the next change a restart may tell twice what it should tell once.
    const onFailed = (error: unknown) =>
      log.warn('alert-state-not-saved', { path, errno: errorCode(error) ?? 'unknown' });
    this.#file = new LatestText({ ...parts, onFailed }, textOf([]));
  }

  /** What the process before remembered; nothing where there is no file, or none that can be read. Never rejects. */
  async load(): Promise<readonly Remembered[]> {
    const { path, log } = this.#parts;
    try {
      const text = await this.#file.read();
      return text === null ? [] : v.parse(fileSchema, JSON.parse(text)).episodes;
    } catch (error) {
      const reason = errorCode(error) ?? 'it is damaged';
      log.warn('alert-state-unreadable', { path, reason });
      return [];
    }
  }

  /** Returns at once; of several that come while the disk is at work, the last one is written. */
  save(episodes: readonly Remembered[]): void {
    this.#file.save(textOf(episodes));
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

function textOf(episodes: readonly Remembered[]): string {
  return `${JSON.stringify({ version: 1, episodes }, null, 1)}\n`;
}
