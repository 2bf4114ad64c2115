import type { Attic } from '../ports/attic.ts';
import type { Random } from '../ports/random.ts';
import type {
  SecretSlot,
  SecretStore,
  StoredSecret,
  StoreImage,
  WrappingKey,
} from '../ports/secret-store.ts';

const KEY_BYTES = 32;

/** The store that keeps nothing beyond the process: it seals and writes nothing, and its key is a new one each time. */
export class MemorySecretStore implements SecretStore {
  readonly kind = 'memory';
  readonly identity: string;
  readonly hasNextKey = false;
  readonly #random: Random;
  readonly #secrets: Record<SecretSlot, StoredSecret | null> = { current: null, candidate: null };
  #key: WrappingKey | null = null;

  /** `folder` is the agent's folder of the state: two daemons with folders of their own do not share a memory. */
  constructor(folder: string, random: Random) {
    this.identity = `memory:${folder}`;
    this.#random = random;
  }

  async load(signal: AbortSignal): Promise<StoreImage> {
    signal.throwIfAborted();
    return { key: this.#key, nextKey: null, ...this.#secrets };
  }

  async createKey(signal: AbortSignal): Promise<WrappingKey> {
    signal.throwIfAborted();
    this.#key ??= this.#random.bytes(KEY_BYTES);
    return this.#key;
  }

  async save(slot: SecretSlot, secret: StoredSecret, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#secrets[slot] = secret;
  }

  async removeCandidate(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#secrets.candidate = null;
  }

  async setAside(slot: SecretSlot, _attic: Attic, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#secrets[slot] = null;
  }

  async proveWritable(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  /** Nothing is sealed, so that a new key costs nothing. */
  async records(signal: AbortSignal): Promise<readonly []> {
    signal.throwIfAborted();
    return [];
  }

  async sealAnew(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async createNextKey(signal: AbortSignal): Promise<WrappingKey> {
    return this.createKey(signal);
  }

  async promoteNextKey(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }
}
