import { join } from 'node:path';
import type { RawAnswer } from '../domain/journal-entry.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import { claimedGeneration, seal } from '../platform/seal.ts';
import type { Disk } from '../ports/disk.ts';
import type { KeptAnswer } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import { decodeRaw, encodeRaw } from './journal-codec.ts';
import { rawName } from './journal-names.ts';
import { removeProbes } from './journal-probe.ts';
import { inOrder, sentAtMs, spareRaw } from './kept-raws.ts';
import { readSealed } from './sealed-files.ts';

/** Raw answers as sealed files in the agent's folder, a `raw-…` for each. */

const leftoverOfRaw = /^\.(raw-[0-9a-f-]{36}\.sealed)\./;
/** Answers kept of one doubt. Beyond that the oldest that cannot hold a secret goes first. */
const rawsKept = 64;
const fileMode = 0o600;

export interface RawFilesOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** The agent's own folder in the state folder; it exists. */
  readonly folder: string;
  readonly agent: string;
}

export class RawFiles {
  readonly #options: RawFilesOptions;

  constructor(options: RawFilesOptions) {
    this.#options = options;
  }

  async names(): Promise<readonly string[]> {
    return (await this.#allNames()).filter((name) => rawName.test(name));
  }

  /** Durable on return. One that is spare now goes. */
  async save(raw: RawAnswer, keys: WrappingKeys): Promise<void> {
    const { agent, disk, random } = this.#options;
    const context = { agent, generation: raw.attempt.generation, kind: 'raw' } as const;
    const sealed = seal(keys.key, context, encodeRaw(raw), random);
    await writeAtomically(disk, random, this.#path(fileOfRaw(raw.attempt.id)), sealed, { mode: fileMode });
    if ((await this.names()).length <= rawsKept) return;
    const kept = await this.read(keys);
    const spare = kept === 'unreadable' ? undefined : spareRaw(kept, rawsKept);
    if (spare !== undefined) await this.#remove([fileOfRaw(spare.attempt.id)]);
  }

  /** Oldest first. */
  async read(keys: WrappingKeys): Promise<readonly RawAnswer[] | 'unreadable'> {
    const raws: RawAnswer[] = [];
    for (const name of await this.names()) {
      const raw = await this.#read(name, keys);
      if (raw === 'unreadable') return raw;
      if (raw !== null) raws.push(raw);
    }
    return inOrder(raws);
  }

  /** Each by itself, unreadable ones last. */
  async answers(keys: WrappingKeys): Promise<readonly KeptAnswer[]> {
    const answers = (await this.names()).map(async (name) => ({
      attempt: attemptOfRaw(name),
      raw: await this.#read(name, keys),
    }));
    return (await Promise.all(answers)).filter(isThere).toSorted((a, b) => sentAtMs(a) - sentAtMs(b));
  }

  /** What the file says of its generation, which no key has confirmed; null where there is none. */
  async claimedGeneration(attempt: string): Promise<number | null> {
    const sealed = await this.sealedOf(attempt);
    return sealed === null ? null : claimedGeneration('raw', sealed);
  }

  /** The file as it is; null where there is none. */
  sealedOf(attempt: string): Promise<Uint8Array | null> {
    return this.#options.disk.read(this.#path(fileOfRaw(attempt)));
  }

  /** The answer to one attempt, by its id; null = all. */
  async drop(attempt: string | null): Promise<void> {
    const names = await this.names();
    await this.#remove(attempt === null ? names : names.filter((name) => name === fileOfRaw(attempt)));
  }

  /** What there is of one answer, or of all of them, whole or not. */
  async filesOf(part: 'answers' | { readonly answer: string }): Promise<readonly string[]> {
    if (part !== 'answers') return [fileOfRaw(part.answer)];
    return (await this.#allNames()).filter((name) => rawName.test(name) || leftoverOfRaw.test(name));
  }

  /**
   * An answer that a kill left written, but without its name, is as good as any where all of it is there, which its seal tells:
   * it gets its name. Resolves to those that the disk did not let have one now.
   */
  async nameWhole(keys: WrappingKeys): Promise<readonly RawAnswer[]> {
    const unnamed: RawAnswer[] = [];
    for (const name of (await this.#allNames()).filter((found) => leftoverOfRaw.test(found))) {
      const raw = await this.#read(name, keys);
      if (raw === null || raw === 'unreadable') continue;
      try {
        await this.save(raw, keys);
      } catch {
        // it stays where it is, for the next start; a full disk must not hold up this one
        unnamed.push(raw);
      }
    }
    return unnamed;
  }

  /** What interrupted writes and probes left behind; nothing of it was ever relied on. */
  async removeLeftovers(): Promise<void> {
    const { disk, folder } = this.#options;
    const names = (await this.#allNames()).flatMap((name) => leftoverOfRaw.exec(name)?.[1] ?? []);
    for (const name of names) await removeLeftovers(disk, folder, name);
    await removeProbes(this.#options);
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }

  async #allNames(): Promise<readonly string[]> {
    return (await this.#options.disk.list(this.#options.folder)) ?? [];
  }

  #read(name: string, keys: WrappingKeys): Promise<RawAnswer | null | 'unreadable'> {
    return readSealed(name, 'raw', this.#options, keys, decodeRaw);
  }

  async #remove(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) await this.#options.disk.remove(this.#path(name));
    await this.#options.disk.syncFolder(this.#options.folder);
  }
}

function fileOfRaw(attempt: string): string {
  return `raw-${attempt}.sealed`;
}

export function attemptOfRaw(name: string): string {
  return name.slice('raw-'.length, -'.sealed'.length);
}

/** A file that went away between the listing and the reading is none. */
function isThere(answer: { attempt: string; raw: KeptAnswer['raw'] | null }): answer is KeptAnswer {
  return answer.raw !== null;
}
