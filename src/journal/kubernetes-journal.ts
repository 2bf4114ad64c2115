import { TokenwardError } from '../domain/errors.ts';
import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import { endless } from '../platform/endless.ts';
import type { ObjectData, ObjectValues } from '../platform/kubernetes/object-data.ts';
import type { ObjectImage, SecretObject } from '../platform/kubernetes/secret-object.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import { seal, type RecordKind } from '../platform/seal.ts';
import type { Attic } from '../ports/attic.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal, JournalImage, JournalPart, KeptAnswer } from '../ports/journal.ts';
import type { Log } from '../ports/log.ts';
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
import { proveFolder } from './journal-probe.ts';
import { inOrder, sentAtMs } from './kept-raws.ts';
import { attemptOfKey, keyOfRaw, ObjectRaws, rawsIn } from './object-raws.ts';
import {
  type Decode,
  mergedAnswers,
  mergedRecords,
  objectRecords,
  openedIn,
  resealedValues,
  wordsOf,
} from './object-records.ts';
import { peekObject } from './peek-object.ts';
import { attemptOfRaw, RawFiles, type RawFilesOptions } from './raw-files.ts';
import { recordsIn, sealFilesAnew, type SealedFiles } from './sealed-files.ts';

/**
 * The journal in the agent's Kubernetes Secret, beside the secret itself, so that another pod can finish what this one began.
 * A raw answer goes to the local volume first, which is there in a millisecond and when the network is not, and to the object
 * then. A pod that opens the journal finds both, and writes nothing to the object: it may be a standby.
 */

export interface KubernetesJournalOptions extends RawFilesOptions {
  readonly object: SecretObject;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

export class KubernetesJournal implements Journal {
  readonly #options: KubernetesJournalOptions;
  readonly #files: RawFiles;
  readonly #raws = new ObjectRaws();
  #keys: WrappingKeys | null = null;
  /** Record and session as this journal read or wrote them: what its writes rest on. */
  #seen: ObjectValues = {};
  #generation = 0;

  constructor(options: KubernetesJournalOptions) {
    this.#options = options;
    this.#files = new RawFiles(options);
  }

  async hasState(): Promise<boolean> {
    const { data } = await this.#options.object.read(endless());
    if (data.has('record') || data.has('session')) return true;
    return rawsIn(data).length > 0 || (await this.#files.names()).length > 0;
  }

  async open(key: WrappingKey, nextKey: WrappingKey | null = null): Promise<JournalImage> {
    const keys = (this.#keys = { key, nextKey });
    const data = this.#noted(await this.#options.object.read(endless()));
    const record = this.#opened(data.get('record'), 'journal', decodeRecord);
    this.#generation = record === null || record === 'unreadable' ? 0 : record.generation;
    const unnamed = await this.#files.nameWhole(keys);
    // A key that does not open the record tells nothing of what else is there.
    if (record !== 'unreadable' && unnamed.length === 0) await this.#files.removeLeftovers();
    await this.#options.disk.syncFolder(this.#options.folder);
    const session = this.#opened(data.get('session'), 'session', decodeSession);
    const answers = await this.#answersIn(data);
    const found = answers.map(({ raw }) => raw);
    if (found.includes('unreadable')) return { record, session, raws: 'unreadable' };
    const raws = [...found.filter((raw) => raw !== 'unreadable'), ...unnamed];
    for (const raw of raws) this.#bringUp(raw, data);
    return { record, session, raws: inOrder(raws) };
  }

  peek(key: WrappingKey, nextKey: WrappingKey | null) {
    return peekObject(this.#options, this.#files, { key, nextKey });
  }

  async saveRecord(record: JournalRecord): Promise<void> {
    await this.#write({ record: this.#sealed('journal', record.generation, encodeRecord(record)) });
    this.#generation = record.generation;
  }

  saveSession(token: Token): Promise<void> {
    return this.#write({ session: this.#sealed('session', token.generation, encodeSession(token)) });
  }

  /** Resolves when the local volume has it, or, where that fails, the object. */
  async saveRaw(raw: RawAnswer): Promise<void> {
    const keys = this.#keysOrBug();
    this.#raws.add(raw, this.#sealed('raw', raw.attempt.generation, encodeRaw(raw)));
    const toObject = this.#flush();
    // what the object did not take goes there with the next write
    toObject.catch((error: unknown) => this.#options.log.warn('answer-on-volume-only', wordsOf(error)));
    try {
      await this.#files.save(raw, keys);
    } catch (error) {
      await toObject;
      if (this.#raws.waiting.has(keyOfRaw(raw.attempt.id))) throw error;
    }
  }

  async dropRaws(attempt: string | null): Promise<void> {
    this.#raws.forget(attempt);
    await this.#files.drop(attempt);
    await this.#removeFromObject(attempt);
  }

  async proveWritable(): Promise<void> {
    await proveFolder(this.#options, this.#keysOrBug().key);
  }

  async records(): Promise<readonly SealedRecord[]> {
    const { data } = await this.#options.object.read(endless());
    const keys = this.#keysOrBug();
    const inFiles = await recordsIn(await this.#sealedFiles(), this.#options, keys);
    return mergedRecords(objectRecords(data, this.#options.agent, keys), inFiles);
  }

  async sealAnew(signal: AbortSignal): Promise<void> {
    const { key, nextKey } = this.#keysOrBug();
    if (nextKey === null) throw new TokenwardError('INTERNAL', 'the journal was not told of the next key');
    const { agent, random, object } = this.#options;
    await sealFilesAnew(await this.#sealedFiles(), this.#options, { key, nextKey }, signal);
    const set = (data: ObjectData) =>
      resealedValues(this.#raws.addedTo(data), agent, { key, nextKey }, random);
    this.#noted(await object.change({ set, expects: this.#seen }, signal));
    this.#raws.forget(null);
    await this.#files.removeLeftovers();
  }

  async answers(): Promise<readonly KeptAnswer[]> {
    const answers = await this.#answersIn((await this.#options.object.read(endless())).data);
    return answers.toSorted((a, b) => sentAtMs(a) - sentAtMs(b));
  }

  openAttic(name: string): Promise<Attic> {
    return openFileAttic({ ...this.#options, name });
  }

  /** Written down first and removed then: a crash between the two leaves both. */
  async setAside(part: JournalPart, attic: Attic): Promise<void> {
    const { data } = await this.#options.object.read(endless());
    if (part === 'record' || part === 'session') {
      const sealed = data.get(part);
      if (sealed === undefined) return;
      await attic.keep(`kubernetes-${part}.sealed`, sealed);
      return this.#write({ [part]: null });
    }
    const attempt = part === 'answers' ? null : part.answer;
    for (const [key, sealed] of rawsIn(data, attempt)) await attic.keep(`kubernetes-${key}.sealed`, sealed);
    for (const name of await this.#files.filesOf(part)) await attic.move(name);
    this.#raws.forget(attempt);
    await this.#removeFromObject(attempt);
  }

  async #write(values: ObjectValues): Promise<void> {
    const set = (data: ObjectData) => ({ ...this.#raws.changes(data), ...values });
    this.#noted(await this.#options.object.change({ set, expects: this.#seen }, endless()));
  }

  /** An answer may be added whatever another pod does: it belongs to an attempt of its own. */
  async #flush(): Promise<void> {
    const set = (data: ObjectData) => this.#raws.changes(data);
    const { data } = await this.#options.object.change({ set, expects: {} }, endless());
    this.#raws.written(data);
  }

  async #removeFromObject(attempt: string | null): Promise<void> {
    const set = (data: ObjectData) => Object.fromEntries(rawsIn(data, attempt).map(([key]) => [key, null]));
    await this.#options.object.change({ set, expects: this.#seen }, endless());
  }

  #noted({ data }: ObjectImage): ObjectData {
    this.#seen = { record: data.get('record') ?? null, session: data.get('session') ?? null };
    this.#raws.written(data);
    return data;
  }

  /** One that is on the volume only goes to the object with the next write. */
  #bringUp(raw: RawAnswer, data: ObjectData): void {
    this.#raws.note(raw);
    const { id, generation } = raw.attempt;
    if (data.has(keyOfRaw(id)) || generation < this.#generation) return;
    this.#raws.add(raw, this.#sealed('raw', generation, encodeRaw(raw)));
  }

  async #answersIn(data: ObjectData): Promise<readonly KeptAnswer[]> {
    const inObject = rawsIn(data).flatMap(([key, sealed]) => {
      const raw = this.#opened(sealed, 'raw', decodeRaw);
      return raw === null ? [] : [{ attempt: attemptOfKey(key), raw }];
    });
    const inFiles: KeptAnswer[] = [];
    for (const answer of await this.#files.answers(this.#keysOrBug()))
      if (answer.raw !== 'unreadable' || !(await this.#isSpent(answer.attempt))) inFiles.push(answer);
    return mergedAnswers(inObject, inFiles);
  }

  /** The key may have been replaced by another pod while this one stood by: then it was of a secret that is long gone. */
  async #isSpent(attempt: string): Promise<boolean> {
    return ((await this.#files.claimedGeneration(attempt)) ?? Infinity) < this.#generation;
  }

  async #sealedFiles(): Promise<SealedFiles> {
    const files: (readonly [string, RecordKind])[] = [];
    for (const name of await this.#files.names())
      if (!(await this.#isSpent(attemptOfRaw(name)))) files.push([name, 'raw']);
    return files;
  }

  #sealed(kind: RecordKind, generation: number, plain: Uint8Array): Uint8Array {
    const { agent, random } = this.#options;
    return seal(this.#keysOrBug().key, { agent, generation, kind }, plain, random);
  }

  #opened<Value>(sealed: Uint8Array | undefined, kind: RecordKind, decode: Decode<Value>) {
    const { agent, clock } = this.#options;
    return openedIn(sealed, { agent, kind }, this.#keysOrBug(), decode, clock.now());
  }

  #keysOrBug(): WrappingKeys {
    if (this.#keys !== null) return this.#keys;
    throw new TokenwardError('INTERNAL', 'the journal was used before it was opened');
  }
}
