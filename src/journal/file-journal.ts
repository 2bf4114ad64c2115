import { join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import { seal, type RecordKind } from '../platform/seal.ts';
import type { Attic } from '../ports/attic.ts';
import type { Journal, JournalImage, JournalPart, KeptAnswer } from '../ports/journal.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import { openFileAttic } from './file-attic.ts';
import { decodeRecord, decodeSession, encodeRecord, encodeSession } from './journal-codec.ts';
import { recordFile, sessionFile } from './journal-names.ts';
import { proveFolder } from './journal-probe.ts';
import { inOrder } from './kept-raws.ts';
import { RawFiles, type RawFilesOptions } from './raw-files.ts';
import { readSealed, recordsIn, sealFilesAnew, type SealedFiles } from './sealed-files.ts';

/** The journal as sealed files in the agent's folder: `journal.sealed`, `session.sealed`, and a `raw-…` for each kept answer. */

const fileMode = 0o600;

export class FileJournal implements Journal {
  readonly #options: RawFilesOptions;
  readonly #raws: RawFiles;
  #keys: WrappingKeys | null = null;

  constructor(options: RawFilesOptions) {
    this.#options = options;
    this.#raws = new RawFiles(options);
  }

  async hasState(): Promise<boolean> {
    const names = (await this.#options.disk.list(this.#options.folder)) ?? [];
    if (names.some((name) => name === recordFile || name === sessionFile)) return true;
    return (await this.#raws.names()).length > 0;
  }

  async open(key: WrappingKey, nextKey: WrappingKey | null = null): Promise<JournalImage> {
    const keys = { key, nextKey };
    this.#keys = keys;
    const record = await this.#read(recordFile, 'journal', decodeRecord);
    const unnamed = await this.#raws.nameWhole(keys);
    // A key that does not open the record tells nothing of what else is there.
    if (record !== 'unreadable' && unnamed.length === 0) await this.#cleanUp();
    // A process that was killed between a rename and its fsync left a record that a power cut could still take back.
    await this.#options.disk.syncFolder(this.#options.folder);
    const session = await this.#read(sessionFile, 'session', decodeSession);
    const named = await this.#raws.read(keys);
    return { record, session, raws: named === 'unreadable' ? named : inOrder([...named, ...unnamed]) };
  }

  saveRecord(record: JournalRecord): Promise<void> {
    return this.#write(recordFile, 'journal', record.generation, encodeRecord(record));
  }

  async saveRaw(raw: RawAnswer): Promise<void> {
    await this.#raws.save(raw, this.#keysOrBug());
  }

  saveSession(token: Token): Promise<void> {
    return this.#write(sessionFile, 'session', token.generation, encodeSession(token));
  }

  dropRaws(attempt: string | null): Promise<void> {
    return this.#raws.drop(attempt);
  }

  async proveWritable(): Promise<void> {
    await proveFolder(this.#options, this.#keysOrBug().key);
  }

  async records(): Promise<readonly SealedRecord[]> {
    return recordsIn(await this.#sealedFiles(), this.#options, this.#keysOrBug());
  }

  async sealAnew(signal: AbortSignal): Promise<void> {
    const { key, nextKey } = this.#keysOrBug();
    if (nextKey === null) throw new TokenwardError('INTERNAL', 'the journal was not told of the next key');
    if ((await this.#raws.nameWhole({ key, nextKey })).length > 0)
      throw new TokenwardError(
        'STATE_DIR_UNUSABLE',
        'an answer that a kill left could not be saved; see to the free space',
      );
    await sealFilesAnew(await this.#sealedFiles(), this.#options, { key, nextKey }, signal);
    await this.#cleanUp();
    await this.#options.disk.syncFolder(this.#options.folder);
  }

  async #sealedFiles(): Promise<SealedFiles> {
    const raws = (await this.#raws.names()).map((name) => [name, 'raw'] as const);
    return [[recordFile, 'journal'], [sessionFile, 'session'], ...raws];
  }

  async answers(): Promise<readonly KeptAnswer[]> {
    return this.#raws.answers(this.#keysOrBug());
  }

  openAttic(name: string): Promise<Attic> {
    return openFileAttic({ ...this.#options, name });
  }

  async setAside(part: JournalPart, attic: Attic): Promise<void> {
    for (const name of await this.#namesOf(part)) await attic.move(name);
  }

  async #namesOf(part: JournalPart): Promise<readonly string[]> {
    if (part === 'record') return [recordFile];
    return part === 'session' ? [sessionFile] : this.#raws.filesOf(part);
  }

  #keysOrBug(): WrappingKeys {
    if (this.#keys === null)
      throw new TokenwardError('INTERNAL', 'the journal was used before it was opened');
    return this.#keys;
  }

  async #write(name: string, kind: RecordKind, generation: number, plaintext: Uint8Array): Promise<void> {
    const { agent, disk, random, folder } = this.#options;
    const sealed = seal(this.#keysOrBug().key, { agent, generation, kind }, plaintext, random);
    await writeAtomically(disk, random, join(folder, name), sealed, { mode: fileMode });
  }

  #read<Value>(
    name: string,
    kind: RecordKind,
    decode: (bytes: Uint8Array) => Value | null,
  ): Promise<Value | null | 'unreadable'> {
    return readSealed(name, kind, this.#options, this.#keysOrBug(), decode);
  }

  /** What writes and probes that a crash interrupted left behind; nothing of it was ever relied on. */
  async #cleanUp(): Promise<void> {
    const { disk, folder } = this.#options;
    for (const name of [recordFile, sessionFile]) await removeLeftovers(disk, folder, name);
    await this.#raws.removeLeftovers();
  }
}
