import { join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import { seal, type RecordKind } from '../platform/seal.ts';
import { errorCode, remedyFor } from '../platform/system-error.ts';
import type { Attic } from '../ports/attic.ts';
import type { Disk } from '../ports/disk.ts';
import type { Journal, JournalImage, JournalPart, KeptAnswer } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import { openFileAttic } from './file-attic.ts';
import {
  decodeRaw,
  decodeRecord,
  decodeSession,
  encodeRaw,
  encodeRecord,
  encodeSession,
} from './journal-codec.ts';
import { rawName, recordFile, sessionFile } from './journal-names.ts';
import { inOrder, sentAtMs, spareRaw } from './kept-raws.ts';
import { readSealed, recordsIn, sealFilesAnew, type SealedFiles } from './sealed-files.ts';

/** The journal as sealed files in the agent's folder: `journal.sealed`, `session.sealed`, and a `raw-…` for each kept answer. */

const probeFile = 'journal-probe.sealed';
const leftoverOfRaw = /^\.(raw-[0-9a-f-]{36}\.sealed)\./;

/** As large as anything that a rotation may have to write: a capped answer in base64, with room around it. */
const probeBytes = 96 * 1024;
/** Answers kept of one doubt. Beyond that the oldest that cannot hold a secret goes first. */
const rawsKept = 64;
const fileMode = 0o600;

export interface FileJournalOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** The agent's own folder in the state folder; it exists. */
  readonly folder: string;
  readonly agent: string;
}

export class FileJournal implements Journal {
  readonly #options: FileJournalOptions;
  #keys: WrappingKeys | null = null;

  constructor(options: FileJournalOptions) {
    this.#options = options;
  }

  async hasState(): Promise<boolean> {
    const names = await this.#names();
    return names.some((name) => name === recordFile || name === sessionFile || rawName.test(name));
  }

  async open(key: WrappingKey, nextKey: WrappingKey | null = null): Promise<JournalImage> {
    this.#keys = { key, nextKey };
    const record = await this.#read(recordFile, 'journal', decodeRecord);
    const unnamed = await this.#nameWholeAnswers();
    // A key that does not open the record tells nothing of what else is there.
    if (record !== 'unreadable' && unnamed.length === 0) await this.#cleanUp();
    // A process that was killed between a rename and its fsync left a record that a power cut could still take back.
    await this.#options.disk.syncFolder(this.#options.folder);
    const session = await this.#read(sessionFile, 'session', decodeSession);
    const named = await this.#readRaws();
    return { record, session, raws: named === 'unreadable' ? named : inOrder([...named, ...unnamed]) };
  }

  saveRecord(record: JournalRecord): Promise<void> {
    return this.#write(recordFile, 'journal', record.generation, encodeRecord(record));
  }

  async saveRaw(raw: RawAnswer): Promise<void> {
    await this.#write(fileOfRaw(raw.attempt.id), 'raw', raw.attempt.generation, encodeRaw(raw));
    if ((await this.#rawNames()).length <= rawsKept) return;
    const kept = await this.#readRaws();
    const spare = kept === 'unreadable' ? undefined : spareRaw(kept, rawsKept);
    if (spare !== undefined) await this.#remove([fileOfRaw(spare.attempt.id)]);
  }

  saveSession(token: Token): Promise<void> {
    return this.#write(sessionFile, 'session', token.generation, encodeSession(token));
  }

  async dropRaws(attempt: string | null): Promise<void> {
    const names = await this.#rawNames();
    await this.#remove(attempt === null ? names : names.filter((name) => name === fileOfRaw(attempt)));
  }

  async proveWritable(): Promise<void> {
    const { disk, folder } = this.#options;
    try {
      await this.#write(probeFile, 'probe', 0, new Uint8Array(probeBytes));
      await disk.remove(this.#path(probeFile));
    } catch (cause) {
      const errno = errorCode(cause) ?? 'unknown error';
      const remedy = remedyFor(errno, 'see to its free space and permissions');
      const message = `an answer could not be saved in ${folder} now (${errno}), so nothing is sent; ${remedy}`;
      throw new TokenwardError('STATE_DIR_UNUSABLE', message, { cause, fields: { path: folder, errno } });
    }
  }

  async records(): Promise<readonly SealedRecord[]> {
    return recordsIn(await this.#sealedFiles(), this.#options, this.#keysOrBug());
  }

  async sealAnew(signal: AbortSignal): Promise<void> {
    const { key, nextKey } = this.#keysOrBug();
    if (nextKey === null) throw new TokenwardError('INTERNAL', 'the journal was not told of the next key');
    if ((await this.#nameWholeAnswers()).length > 0)
      throw new TokenwardError(
        'STATE_DIR_UNUSABLE',
        'an answer that a kill left could not be saved; see to the free space',
      );
    await sealFilesAnew(await this.#sealedFiles(), this.#options, { key, nextKey }, signal);
    await this.#cleanUp();
    await this.#options.disk.syncFolder(this.#options.folder);
  }

  async #sealedFiles(): Promise<SealedFiles> {
    const raws = (await this.#rawNames()).map((name) => [name, 'raw'] as const);
    return [[recordFile, 'journal'], [sessionFile, 'session'], ...raws];
  }

  async answers(): Promise<readonly KeptAnswer[]> {
    const names = await this.#rawNames();
    const answers = names.map(async (name) => ({
      attempt: attemptOfRaw(name),
      raw: await this.#read(name, 'raw', decodeRaw),
    }));
    return (await Promise.all(answers)).filter(isThere).toSorted((a, b) => sentAtMs(a) - sentAtMs(b));
  }

  openAttic(name: string): Promise<Attic> {
    return openFileAttic({ ...this.#options, name });
  }

  async setAside(part: JournalPart, attic: Attic): Promise<void> {
    for (const name of await this.#namesOf(part)) await attic.move(name);
  }

  async #namesOf(part: JournalPart): Promise<readonly string[]> {
    if (part === 'record') return [recordFile];
    if (part === 'session') return [sessionFile];
    if (part !== 'answers') return [fileOfRaw(part.answer)];
    return (await this.#names()).filter((name) => rawName.test(name) || leftoverOfRaw.test(name));
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }

  #keysOrBug(): WrappingKeys {
    if (this.#keys === null)
      throw new TokenwardError('INTERNAL', 'the journal was used before it was opened');
    return this.#keys;
  }

  async #names(): Promise<readonly string[]> {
    return (await this.#options.disk.list(this.#options.folder)) ?? [];
  }

  async #rawNames(): Promise<readonly string[]> {
    return (await this.#names()).filter((name) => rawName.test(name));
  }

  async #write(name: string, kind: RecordKind, generation: number, plaintext: Uint8Array): Promise<void> {
    const { agent, disk, random } = this.#options;
    const sealed = seal(this.#keysOrBug().key, { agent, generation, kind }, plaintext, random);
    await writeAtomically(disk, random, this.#path(name), sealed, { mode: fileMode });
  }

  #read<Value>(
    name: string,
    kind: RecordKind,
    decode: (bytes: Uint8Array) => Value | null,
  ): Promise<Value | null | 'unreadable'> {
    return readSealed(name, kind, this.#options, this.#keysOrBug(), decode);
  }

  async #readRaws(): Promise<readonly RawAnswer[] | 'unreadable'> {
    const raws: RawAnswer[] = [];
    for (const name of await this.#rawNames()) {
      const raw = await this.#read(name, 'raw', decodeRaw);
      if (raw === 'unreadable') return raw;
      if (raw !== null) raws.push(raw);
    }
    return inOrder(raws);
  }

  async #remove(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) await this.#options.disk.remove(this.#path(name));
    await this.#options.disk.syncFolder(this.#options.folder);
  }

  /**
   * An answer that a kill left written, but without its name, is as good as any where all of it is there, which its seal tells:
   * it gets its name. Resolves to those that the disk did not let have one now.
   */
  async #nameWholeAnswers(): Promise<readonly RawAnswer[]> {
    const unnamed: RawAnswer[] = [];
    for (const name of (await this.#names()).filter((found) => leftoverOfRaw.test(found))) {
      const raw = await this.#read(name, 'raw', decodeRaw);
      if (raw === null || raw === 'unreadable') continue;
      try {
        await this.saveRaw(raw);
      } catch {
        // it stays where it is, for the next start; a full disk must not hold up this one
        unnamed.push(raw);
      }
    }
    return unnamed;
  }

  /** What writes and probes that a crash interrupted left behind; nothing of it was ever relied on. */
  async #cleanUp(): Promise<void> {
    const { disk, folder } = this.#options;
    const names = await this.#names();
    const raws = names.flatMap((name) => leftoverOfRaw.exec(name)?.[1] ?? []);
    for (const name of [recordFile, sessionFile, probeFile, ...raws])
      await removeLeftovers(disk, folder, name);
    if (names.includes(probeFile)) await disk.remove(this.#path(probeFile));
  }
}

function fileOfRaw(attempt: string): string {
  return `raw-${attempt}.sealed`;
}

function attemptOfRaw(name: string): string {
  return name.slice('raw-'.length, -'.sealed'.length);
}

/** A file that went away between the listing and the reading is none. */
function isThere(answer: { attempt: string; raw: KeptAnswer['raw'] | null }): answer is KeptAnswer {
  return answer.raw !== null;
}
