import { join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import { open, seal, type RecordKind } from '../platform/seal.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Disk } from '../ports/disk.ts';
import type { Journal, JournalImage } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import {
  decodeRaw,
  decodeRecord,
  decodeSession,
  encodeRaw,
  encodeRecord,
  encodeSession,
} from './journal-codec.ts';
import { spareRaw } from './kept-raws.ts';

/** The journal as sealed files in the agent's folder: `journal.sealed`, `session.sealed`, and a `raw-…` for each kept answer. */

const recordFile = 'journal.sealed';
const sessionFile = 'session.sealed';
const probeFile = 'journal-probe.sealed';
const rawName = /^raw-[0-9a-f-]{36}\.sealed$/;
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
  #key: WrappingKey | null = null;

  constructor(options: FileJournalOptions) {
    this.#options = options;
  }

  async hasState(): Promise<boolean> {
    const names = await this.#names();
    return names.some((name) => name === recordFile || name === sessionFile || rawName.test(name));
  }

  async open(key: WrappingKey): Promise<JournalImage> {
    this.#key = key;
    await this.#cleanUp();
    // A process that was killed between a rename and its fsync left a record that a power cut could still take back.
    await this.#options.disk.syncFolder(this.#options.folder);
    const record = await this.#read(recordFile, 'journal', decodeRecord);
    const session = await this.#read(sessionFile, 'session', decodeSession);
    const raws = await this.#readRaws();
    return { record, session, raws };
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
      const message = `an answer could not be saved in ${folder} now (${errno}), so nothing is sent; see to its free space and permissions`;
      throw new TokenwardError('STATE_DIR_UNUSABLE', message, { cause, fields: { path: folder, errno } });
    }
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }

  #keyOrBug(): WrappingKey {
    if (this.#key === null) throw new TokenwardError('INTERNAL', 'the journal was used before it was opened');
    return this.#key;
  }

  async #names(): Promise<readonly string[]> {
    return (await this.#options.disk.list(this.#options.folder)) ?? [];
  }

  async #rawNames(): Promise<readonly string[]> {
    return (await this.#names()).filter((name) => rawName.test(name));
  }

  async #write(name: string, kind: RecordKind, generation: number, plaintext: Uint8Array): Promise<void> {
    const { agent, disk, random } = this.#options;
    const sealed = seal(this.#keyOrBug(), { agent, generation, kind }, plaintext, random);
    await writeAtomically(disk, random, this.#path(name), sealed, { mode: fileMode });
  }

  async #read<Value>(
    name: string,
    kind: RecordKind,
    decode: (bytes: Uint8Array) => Value | null,
  ): Promise<Value | null | 'unreadable'> {
    const { agent, disk } = this.#options;
    const sealed = await disk.read(this.#path(name));
    if (sealed === null) return null;
    const opened = open(this.#keyOrBug(), { agent, kind }, sealed);
    return opened === null ? 'unreadable' : (decode(opened.plaintext) ?? 'unreadable');
  }

  async #readRaws(): Promise<readonly RawAnswer[] | 'unreadable'> {
    const raws: RawAnswer[] = [];
    for (const name of await this.#rawNames()) {
      const raw = await this.#read(name, 'raw', decodeRaw);
      if (raw === 'unreadable') return raw;
      if (raw !== null) raws.push(raw);
    }
    return raws.toSorted((a, b) => a.attempt.sentAt.wallMs - b.attempt.sentAt.wallMs);
  }

  async #remove(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) await this.#options.disk.remove(this.#path(name));
    await this.#options.disk.syncFolder(this.#options.folder);
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
