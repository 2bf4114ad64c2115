import { TokenwardError } from '../domain/errors.ts';
import type { SecretSlot, WrappingKey } from '../ports/secret-store.ts';
import { keychainFailure } from './keychain-failure.ts';
import type { KeychainAnswer, KeychainOperation, KeychainRequest } from './keychain-protocol.ts';
import type { SlotImage, Slots } from './slots.ts';

/**
 * Sealed records as items of the user's keychain (Secret Service). Each value is one line of base64url: a newline in a value
 * has corrupted whole gnome-keyring collections.
 */

const SERVICE = 'tokenward';
const KEY_BYTES = 32;

/** Rejects with a `TokenwardError` where no answer comes, and with the signal's reason. */
export type AskKeychain = (request: KeychainRequest, signal: AbortSignal) => Promise<KeychainAnswer>;

export interface KeychainSlotsOptions {
  readonly agent: string;
  /** The user to whom the keychain belongs. */
  readonly uid: number;
  readonly ask: AskKeychain;
}

export class KeychainSlots implements Slots {
  readonly kind = 'keychain';
  readonly identity: string;
  readonly #agent: string;
  readonly #askKeychain: AskKeychain;

  constructor({ agent, uid, ask }: KeychainSlotsOptions) {
    this.identity = `keychain:${uid}:${SERVICE}/${agent}`;
    this.#agent = agent;
    this.#askKeychain = ask;
  }

  async read(signal: AbortSignal): Promise<SlotImage> {
    // the key comes last: it is there whenever a secret is, and so tells an absent candidate from a locked keyring
    const accounts = [this.#account('current'), this.#account('candidate'), this.#account('wrapping-key')];
    const [current, candidate, key] = await this.#ask({ kind: 'read', accounts }, signal);
    return { key: this.#decodeKey(key), current: decode(current), candidate: decode(candidate) };
  }

  async createKey(key: WrappingKey, signal: AbortSignal): Promise<WrappingKey | null> {
    const account = this.#account('wrapping-key');
    const [existing] = await this.#ask({ kind: 'read', accounts: [account] }, signal);
    if (existing != null) return this.#decodeKey(existing);
    const [kept] = await this.#ask({ kind: 'write', account, value: encode(key) }, signal);
    return this.#decodeKey(kept);
  }

  async write(slot: SecretSlot, sealed: Uint8Array, signal: AbortSignal): Promise<Uint8Array | null> {
    const [kept] = await this.#ask(
      { kind: 'write', account: this.#account(slot), value: encode(sealed) },
      signal,
    );
    return decode(kept);
  }

  async removeCandidate(signal: AbortSignal): Promise<void> {
    await this.#ask({ kind: 'remove', account: this.#account('candidate') }, signal);
  }

  async prove(record: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#ask({ kind: 'prove', value: encode(record) }, signal);
  }

  /** Removes everything that the keychain has of the agent. There is no way back. */
  async forget(signal: AbortSignal): Promise<void> {
    for (const item of ['candidate', 'current', 'wrapping-key'] as const) {
      await this.#ask({ kind: 'remove', account: this.#account(item) }, signal);
    }
  }

  async #ask(operation: KeychainOperation, signal: AbortSignal): Promise<readonly (string | null)[]> {
    const request = { service: SERVICE, probeAccount: this.#account('probe'), operation };
    const answer = await this.#askKeychain(request, signal);
    if (answer.outcome === 'done') return answer.values;
    throw keychainFailure(answer);
  }

  #account(item: SecretSlot | 'wrapping-key' | 'probe'): string {
    return `${this.#agent}/${item}`;
  }

  #decodeKey(value: string | null | undefined): WrappingKey | null {
    const key = decode(value);
    if (key === null || key.length === KEY_BYTES) return key;
    const account = this.#account('wrapping-key');
    const message = `the keychain item ${account} of ${SERVICE} was altered and is no wrapping key; restore the keyring from before that`;
    throw new TokenwardError('STATE_UNREADABLE', message, { fields: { account } });
  }
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function decode(value: string | null | undefined): Uint8Array | null {
  return value == null ? null : new Uint8Array(Buffer.from(value, 'base64url'));
}
