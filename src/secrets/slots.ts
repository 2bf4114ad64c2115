import type { StoreKind } from '../domain/status.ts';
import type { Attic } from '../ports/attic.ts';
import type { SecretSlot, WrappingKey } from '../ports/secret-store.ts';

/**
 * What a place must be able to do so that {@link SealedSecretStore} makes a secret store of it: keep one key (two while it is
 * being replaced) and two sealed records, and say honestly what it has. A place knows nothing of secrets, generations or sealing. It is never asked for two
 * things at once. Every method rejects with a `TokenwardError` where the place cannot tell or cannot write.
 */
export interface Slots {
  readonly kind: StoreKind;
  readonly identity: string;

  read(signal: AbortSignal): Promise<SlotImage>;

  /** Puts the key where none is, durably, and resolves to the one that is there then; an existing one stays. */
  createKey(key: WrappingKey, signal: AbortSignal): Promise<WrappingKey | null>;

  /** Replaces a record durably, and resolves to what the place gives back when asked for it. */
  write(slot: SecretSlot, sealed: Uint8Array, signal: AbortSignal): Promise<Uint8Array | null>;

  removeCandidate(signal: AbortSignal): Promise<void>;

  /** Moves what is in the slot to the attic, as it is; an empty slot is no error. */
  setAside(slot: SecretSlot, attic: Attic, signal: AbortSignal): Promise<void>;

  /** Writes the record beside the slots, durably, and removes it. */
  prove(record: Uint8Array, signal: AbortSignal): Promise<void>;

  /** Puts the next key beside the current one, durably, and resolves to the one that is there then; an existing one stays. */
  createNextKey(key: WrappingKey, signal: AbortSignal): Promise<WrappingKey | null>;

  /** The next key replaces the current one, durably. May be repeated until there is no next key any more. */
  promoteNextKey(signal: AbortSignal): Promise<void>;

  /** Removes what interrupted writes and proofs left behind, durably. */
  sweep(signal: AbortSignal): Promise<void>;

  /** As `SecretStore.watch`, for a place that can tell of changes. */
  watch?(changed: () => void, signal: AbortSignal): void;
}

/** null = the place answers, and there is nothing. */
export interface SlotImage {
  readonly key: WrappingKey | null;
  /** Only while the key is being replaced. */
  readonly nextKey: WrappingKey | null;
  readonly current: Uint8Array | null;
  readonly candidate: Uint8Array | null;
}
