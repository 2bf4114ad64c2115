import type { Credential } from '../domain/secret.ts';
import type { StoreKind } from '../domain/status.ts';

/**
 * Where an agent's secret lives. Two slots: the *current* secret, and beside it a *candidate* that a person handed over and
 * that no exchange has proved yet; writing one never touches the other. A store that cannot answer rejects with
 * `STORE_LOCKED`, `STORE_HUNG`, `STORE_UNREACHABLE` or `STORE_UNAVAILABLE`; it never answers "absent" for "cannot tell".
 * Every call may be repeated.
 */
export interface SecretStore {
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

  /** Pre-flight: resolves when a record of full size could be saved now. Leaves nothing behind. */
  proveWritable(signal: AbortSignal): Promise<void>;
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
  readonly current: StoredSecret | null | 'unreadable';
  readonly candidate: StoredSecret | null | 'unreadable';
}
