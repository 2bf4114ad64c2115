import * as v from 'valibot';
import type { Fingerprint } from '../../domain/secret.ts';
import { LatestText } from '../../platform/latest-text.ts';
import { errorCode } from '../../platform/system-error.ts';
import type { Disk } from '../../ports/disk.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';

/**
 * Which hooks have succeeded for which token, in a file of the agent's folder: the next process need not run them again, and runs
 * those that a crash has cut off. Nothing secret is in it. Best effort: without it a hook may run twice, and never too seldom.
 */

const fileSchema = v.object({ version: v.literal(1), fingerprint: v.string(), done: v.array(v.string()) });

export interface HookMemoryParts {
  readonly disk: Disk;
  readonly random: Random;
  readonly log: Log;
  readonly path: string;
}

export class HookMemory {
  readonly #parts: HookMemoryParts;
  readonly #file: LatestText;

  constructor(parts: HookMemoryParts) {
    this.#parts = parts;
    const { path, log } = parts;
    const onFailed = (error: unknown) =>
      log.warn('hook-state-not-saved', { path, errno: errorCode(error) ?? 'unknown' });
    this.#file = new LatestText({ ...parts, onFailed });
  }

  /** The names of the hooks that have succeeded for this token in an earlier life. Never rejects. */
  async doneFor(fingerprint: Fingerprint): Promise<readonly string[]> {
    const { path, log } = this.#parts;
    try {
      const text = await this.#file.read();
      if (text === null) return [];
      const known = v.parse(fileSchema, JSON.parse(text));
      return known.fingerprint === fingerprint ? known.done : [];
    } catch (error) {
      log.warn('hook-state-unreadable', { path, reason: errorCode(error) ?? 'it is damaged' });
      return [];
    }
  }

  /** Returns at once. */
  save(fingerprint: Fingerprint, done: readonly string[]): void {
    this.#file.save(`${JSON.stringify({ version: 1, fingerprint, done })}\n`);
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}
