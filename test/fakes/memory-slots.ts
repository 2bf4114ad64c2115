import type { Attic } from '../../src/ports/attic.ts';
import type { SecretSlot, WrappingKey } from '../../src/ports/secret-store.ts';
import type { SlotImage, Slots } from '../../src/secrets/slots.ts';

/** Slots in memory that a test may look into and change behind the store's back. */
export class MemorySlots implements Slots {
  readonly kind = 'file';
  readonly identity = 'memory-slots';
  key: WrappingKey | null = null;
  nextKey: WrappingKey | null = null;
  current: Uint8Array | null = null;
  candidate: Uint8Array | null = null;
  /** What was asked for, in order. */
  readonly calls: string[] = [];
  /** What a write really keeps: a place may lose or alter what it acknowledged. */
  keep: (bytes: Uint8Array) => Uint8Array | null = (bytes) => bytes;

  async read(): Promise<SlotImage> {
    await this.#note('read');
    const { key, nextKey, current, candidate } = this;
    return { key, nextKey, current, candidate };
  }

  async createKey(key: WrappingKey): Promise<WrappingKey | null> {
    await this.#note('create-key');
    this.key ??= this.keep(key);
    return this.key;
  }

  async write(slot: SecretSlot, sealed: Uint8Array): Promise<Uint8Array | null> {
    await this.#note(`write ${slot}`);
    this[slot] = this.keep(sealed);
    await this.#note(`wrote ${slot}`);
    return this[slot];
  }

  async removeCandidate(): Promise<void> {
    await this.#note('remove');
    this.candidate = null;
  }

  async setAside(slot: SecretSlot, attic: Attic): Promise<void> {
    await this.#note(`set aside ${slot}`);
    if (this[slot] !== null) await attic.keep(slot, this[slot]);
    this[slot] = null;
  }

  async prove(record: Uint8Array): Promise<void> {
    await this.#note(`prove ${record.length}`);
  }

  async createNextKey(key: WrappingKey): Promise<WrappingKey | null> {
    await this.#note('create-next-key');
    this.nextKey ??= this.keep(key);
    return this.nextKey;
  }

  async promoteNextKey(): Promise<void> {
    await this.#note('promote-next-key');
    this.key = this.nextKey ?? this.key;
    this.nextKey = null;
  }

  async sweep(): Promise<void> {
    await this.#note('sweep');
  }

  /** Lets everything else run that can, as real slots do. */
  async #note(call: string): Promise<void> {
    this.calls.push(call);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
