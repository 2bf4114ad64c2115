import { TokenwardError } from '../domain/errors.ts';
import { open, seal, type RecordKind } from '../platform/seal.ts';
import type { Random } from '../ports/random.ts';
import type {
  SecretSlot,
  SecretStore,
  StoredSecret,
  StoreImage,
  WrappingKey,
} from '../ports/secret-store.ts';
import { CallLine } from './call-line.ts';
import type { Slots } from './slots.ts';
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
  readonly #agent: string;
  readonly #slots: Slots;
  readonly #random: Random;
  readonly #line = new CallLine();
  /** As last read: a save comes right after an exchange and must not spend time on asking for the key. */
  #key: WrappingKey | null = null;

  constructor(agent: string, slots: Slots, random: Random) {
    this.#agent = agent;
    this.#slots = slots;
    this.#random = random;
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
      const { key, current, candidate } = await this.#slots.read(signal);
      this.#key = key;
      return {
        key,
        current: this.#opened('current', current, key),
        candidate: this.#opened('candidate', candidate, key),
      };
    }, signal);
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
      const key = await this.#knownKey(signal);
      const context = { agent: this.#agent, generation: secret.generation, kind: recordKinds[slot] };
      const sealed = seal(key, context, encodeStoredSecret(secret), this.#random);
      const kept = await this.#slots.write(slot, sealed, signal);
      if (kept === null || !Buffer.from(kept).equals(sealed)) throw this.#notKept(`${slot} secret`);
    }, signal);
  }

  removeCandidate(signal: AbortSignal): Promise<void> {
    return this.#line.run(() => this.#slots.removeCandidate(signal), signal);
  }

  /** The record is random, so that no file system compresses it to nothing. */
  proveWritable(signal: AbortSignal): Promise<void> {
    return this.#line.run(() => this.#slots.prove(this.#random.bytes(FULL_RECORD_BYTES), signal), signal);
  }

  #opened(
    slot: SecretSlot,
    sealed: Uint8Array | null,
    key: WrappingKey | null,
  ): StoredSecret | null | 'unreadable' {
    if (sealed === null) return null;
    if (key === null) return 'unreadable';
    const opened = open(key, { agent: this.#agent, kind: recordKinds[slot] }, sealed);
    if (opened === null) return 'unreadable';
    return decodeStoredSecret(opened.plaintext, opened.generation) ?? 'unreadable';
  }

  async #knownKey(signal: AbortSignal): Promise<WrappingKey> {
    this.#key ??= (await this.#slots.read(signal)).key;
    if (this.#key !== null) return this.#key;
    const message = `the ${this.kind} store has no wrapping key for ${this.#agent}, so nothing can be sealed; bring the key back`;
    throw new TokenwardError('STORE_UNAVAILABLE', message, { fields: this.#fields() });
  }

  #notKept(what: string): TokenwardError {
    const message = `the ${this.kind} store took the ${what} of ${this.#agent} but does not give it back; see to the store`;
    return new TokenwardError('STORE_UNAVAILABLE', message, { fields: this.#fields() });
  }

  #fields() {
    return { agent: this.#agent, store: this.kind };
  }
}
