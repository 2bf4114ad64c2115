import { TokenwardError } from '../domain/errors.ts';
import { openWithEither, opensWith, resealed, type WrappingKeys } from '../platform/reseal.ts';
import { seal, type RecordKind } from '../platform/seal.ts';
import type { Attic } from '../ports/attic.ts';
import type { Random } from '../ports/random.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import type {
  SecretSlot,
  SecretStore,
  StoredSecret,
  StoreImage,
  WrappingKey,
} from '../ports/secret-store.ts';
import { CallLine } from './call-line.ts';
import type { SlotImage, Slots } from './slots.ts';
import { decodeStoredSecret, encodeStoredSecret } from './stored-secret.ts';

/**
 * What all durable secret stores have in common: sealing, reading back, and the difference between unreadable and absent.
 * Where the sealed bytes are kept is the business of the {@link Slots}. Calls run one after another, so that what a save
 * reads back is its own work.
 */

const KEY_BYTES = 32;

/** The largest answer of a server (64 KiB), as if it were one secret, and what we add to it. */
const FULL_RECORD_BYTES = 65 * 1024;

const recordKinds = { current: 'secret', candidate: 'candidate' } as const satisfies Record<
  SecretSlot,
  RecordKind
>;

export class SealedSecretStore implements SecretStore {
  /** Only where the place can tell. */
  readonly watch?: NonNullable<SecretStore['watch']>;
  readonly #agent: string;
  readonly #slots: Slots;
  readonly #random: Random;
  readonly #line = new CallLine();
  #hasNextKey = false;
  /** As last read: a save comes right after an exchange and must not spend time on asking for the key. */
  #key: WrappingKey | null = null;

  constructor(agent: string, slots: Slots, random: Random) {
    this.#agent = agent;
    this.#slots = slots;
    this.#random = random;
    const watch = slots.watch?.bind(slots);
    if (watch !== undefined) this.watch = watch;
  }

  get kind(): SecretStore['kind'] {
    return this.#slots.kind;
  }

  get identity(): string {
    return this.#slots.identity;
  }

  /** Without a key, whatever is sealed is `unreadable`. */
  load(signal: AbortSignal): Promise<StoreImage> {
    return this.#line.run(async () => {
      const { key, nextKey, current, candidate } = await this.#slots.read(signal);
      this.#key = key;
      this.#hasNextKey = nextKey !== null;
      const keys = key === null ? null : { key, nextKey };
      return {
        key,
        nextKey,
        current: this.#opened('current', current, keys),
        candidate: this.#opened('candidate', candidate, keys),
      };
    }, signal);
  }

  get hasNextKey(): boolean {
    return this.#hasNextKey;
  }

  createKey(signal: AbortSignal): Promise<WrappingKey> {
    return this.#line.run(async () => {
      const key = await this.#slots.createKey(this.#random.bytes(KEY_BYTES), signal);
      if (key === null) throw this.#notKept('wrapping key');
      this.#key = key;
      return key;
    }, signal);
  }

  save(slot: SecretSlot, secret: StoredSecret, signal: AbortSignal): Promise<void> {
    return this.#line.run(async () => {
      // a hand-over is promised to last, and unlike an answer it can wait: is the key that it needs still there?
      const key = slot === 'candidate' ? await this.#provedKey(signal) : await this.#knownKey(signal);
      const context = { ...this.#contextOf(slot), generation: secret.generation };
      await this.#write(slot, seal(key, context, encodeStoredSecret(secret), this.#random), signal);
    }, signal);
  }

  removeCandidate(signal: AbortSignal): Promise<void> {
    return this.#line.run(() => this.#slots.removeCandidate(signal), signal);
  }

  setAside(slot: SecretSlot, attic: Attic, signal: AbortSignal): Promise<void> {
    return this.#line.run(() => this.#slots.setAside(slot, attic, signal), signal);
  }

  /** The record is random, so that no file system compresses it to nothing. */
  proveWritable(signal: AbortSignal): Promise<void> {
    return this.#line.run(() => this.#slots.prove(this.#random.bytes(FULL_RECORD_BYTES), signal), signal);
  }

  records(signal: AbortSignal): Promise<readonly SealedRecord[]> {
    return this.#line.run(async () => this.#recordsIn(await this.#slots.read(signal)), signal);
  }

  createNextKey(signal: AbortSignal): Promise<WrappingKey> {
    return this.#line.run(async () => {
      const nextKey = await this.#slots.createNextKey(this.#random.bytes(KEY_BYTES), signal);
      if (nextKey === null) throw this.#notKept('next wrapping key');
      return nextKey;
    }, signal);
  }

  sealAnew(signal: AbortSignal): Promise<void> {
    return this.#line.run(async () => {
      const { key, nextKey, ...image } = await this.#slots.read(signal);
      if (key === null || nextKey === null) throw this.#keyMissing();
      // another agent's store may promote the key that they have in common
      this.#key = null;
      for (const slot of ['current', 'candidate'] as const) {
        const sealed = image[slot];
        const context = this.#contextOf(slot);
        const anew = sealed === null ? null : resealed({ key, nextKey }, context, sealed, this.#random);
        if (anew !== null) await this.#write(slot, anew, signal);
      }
      await this.#slots.sweep(signal);
    }, signal);
  }

  promoteNextKey(signal: AbortSignal): Promise<void> {
    return this.#line.run(async () => {
      const image = await this.#slots.read(signal);
      const left = this.#recordsIn(image).find(({ opensWith: which }) => which !== 'next-key');
      if (image.nextKey !== null && left !== undefined) throw this.#stillNeeded(left.name);
      await this.#slots.promoteNextKey(signal);
      this.#hasNextKey = false;
    }, signal);
  }

  #recordsIn({ key, nextKey, ...image }: SlotImage): readonly SealedRecord[] {
    return (['current', 'candidate'] as const).flatMap((slot) => {
      const sealed = image[slot];
      if (sealed === null) return [];
      const context = this.#contextOf(slot);
      const opens = key === null ? 'no-key' : opensWith({ key, nextKey }, context, sealed);
      return [{ name: context.kind, opensWith: opens }];
    });
  }

  #contextOf(slot: SecretSlot) {
    return { agent: this.#agent, kind: recordKinds[slot] };
  }

  async #write(slot: SecretSlot, sealed: Uint8Array, signal: AbortSignal): Promise<void> {
    const kept = await this.#slots.write(slot, sealed, signal);
    if (kept === null || !Buffer.from(kept).equals(sealed)) throw this.#notKept(`${slot} secret`);
  }

  #opened(
    slot: SecretSlot,
    sealed: Uint8Array | null,
    keys: WrappingKeys | null,
  ): StoredSecret | null | 'unreadable' {
    if (sealed === null) return null;
    if (keys === null) return 'unreadable';
    const opened = openWithEither(keys, this.#contextOf(slot), sealed);
    if (opened === null) return 'unreadable';
    return decodeStoredSecret(opened.plaintext, opened.generation) ?? 'unreadable';
  }

  /** The key as it is now; it opens what is sealed already. */
  async #provedKey(signal: AbortSignal): Promise<WrappingKey> {
    const { key, nextKey, current } = await this.#slots.read(signal);
    if (key === null) throw this.#keyMissing();
    if (this.#opened('current', current, { key, nextKey }) !== 'unreadable') return key;
    const message = `the wrapping key of the ${this.kind} store does not open the secret of ${this.#agent}, so nothing else is sealed with it; restore the key or the secret`;
    throw new TokenwardError('STATE_UNREADABLE', message, { fields: this.#fields() });
  }

  async #knownKey(signal: AbortSignal): Promise<WrappingKey> {
    this.#key ??= (await this.#slots.read(signal)).key;
    if (this.#key !== null) return this.#key;
    throw this.#keyMissing();
  }

  #keyMissing(): TokenwardError {
    const message = `the ${this.kind} store has no wrapping key for ${this.#agent}, so nothing can be sealed; bring the key back`;
    return new TokenwardError('STORE_UNAVAILABLE', message, { fields: this.#fields() });
  }

  #notKept(what: string): TokenwardError {
    const message = `the ${this.kind} store took the ${what} of ${this.#agent} but does not give it back; see to the store`;
    return new TokenwardError('STORE_UNAVAILABLE', message, { fields: this.#fields() });
  }

  #stillNeeded(record: string): TokenwardError {
    const message = `the ${record} of ${this.#agent} is not sealed with its next wrapping key, so the other one stays; try again`;
    return new TokenwardError('STORE_UNAVAILABLE', message, { fields: this.#fields() });
  }

  #fields() {
    return { agent: this.#agent, store: this.kind };
  }
}
