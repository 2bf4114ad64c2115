import type { Credential } from '../domain/secret.ts';
import type { StoreKind } from '../domain/status.ts';
import type { Attic } from './attic.ts';
import type { SealedRecords } from './sealed-records.ts';

/**
 * Where an agent's secret lives. Two slots: the *current* secret, and beside it a *candidate* that a person handed over and
 * that no exchange has proved yet; writing one never touches the other. A store that cannot answer rejects with
 * `STORE_LOCKED`, `STORE_HUNG`, `STORE_UNREACHABLE` or `STORE_UNAVAILABLE`; it never answers "absent" for "cannot tell".
 * Every call may be repeated.
 */
export interface SecretStore extends SealedRecords {
  readonly kind: StoreKind;
  /** Names the place, the same for every process that would write to it; keys the second lock. */
  readonly identity: string;

  /** Everything the store holds for the agent. Rejects as above; an item that is there but cannot be opened is `unreadable`. */
  load(signal: AbortSignal): Promise<StoreImage>;

  /** Makes the wrapping key where it is missing, and proves that it can be read back. Durable on return. An existing key stays. */
  createKey(signal: AbortSignal): Promise<WrappingKey>;

  /** Replaces the slot and reads it back. Durable on return, as far as the store can know (a keychain acknowledges for its own disk). */
  save(slot: SecretSlot, secret: StoredSecret, signal: AbortSignal): Promise<void>;

  removeCandidate(signal: AbortSignal): Promise<void>;

  /** Takes what is in the slot away, readable or not; an absent item is no error. Needs no key. */
  setAside(slot: SecretSlot, attic: Attic, signal: AbortSignal): Promise<void>;

  /** Pre-flight: resolves when a record of full size could be saved now. Leaves nothing behind. */
  proveWritable(signal: AbortSignal): Promise<void>;

  /**
   * Makes a next wrapping key beside the current one where there is none, and resolves to the one that is there then. Durable
   * on return. Rejects `KEY_FILE_UNUSABLE` where the place of the key is not ours to write to.
   */
  createNextKey(signal: AbortSignal): Promise<WrappingKey>;

  /**
   * The next key takes the place of the current one, which is gone then. Durable on return. Everything that the current key
   * seals, of all agents that have it, must be sealed with the next one before; rejects where our own is not.
   */
  promoteNextKey(signal: AbortSignal): Promise<void>;

  /**
   * Calls `changed` after each change of what the store holds, whoever made it, and once at first, until the signal ends it. Only
   * a store that several hosts share has it.
   */
  watch?(changed: () => void, signal: AbortSignal): void;

  /** Whether the last {@link SecretStore.load} found a next key: a replacement that something interrupted. */
  readonly hasNextKey: boolean;

  /**
   * Calls `changed` after every change of what is stored, whoever makes it, and whenever some may have been missed, until the
   * signal aborts. Only a store that others write to as well has it.
   */
  watch?(changed: () => void, signal: AbortSignal): void;
}

export type SecretSlot = 'current' | 'candidate';

/** 32 bytes for AES-256-GCM. */
export type WrappingKey = Uint8Array;

export interface StoredSecret extends Credential {
  /** Counts the secrets of the agent. A candidate carries the generation it would get if granted. */
  readonly generation: number;
  /** The state folder that wrote it (a UUID made at first enrolment). */
  readonly owner: string;
  /** Origin of the server that this secret is for, e.g. `https://logs.example.com`. */
  readonly origin: string;
}

export interface StoreImage {
  /** null = the store answers and has no key. */
  readonly key: WrappingKey | null;
  /** Opens records too while the key is being replaced; null at all other times. */
  readonly nextKey: WrappingKey | null;
  readonly current: StoredSecret | null | 'unreadable';
  readonly candidate: StoredSecret | null | 'unreadable';
}
