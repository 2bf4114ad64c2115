import { TokenwardError } from '../domain/errors.ts';
import type { Attic } from '../ports/attic.ts';
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
const PUSHED_OUT = 'x';

type KeyItem = 'wrapping-key' | 'next-wrapping-key';
type Item = SecretSlot | KeyItem;

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
    const items = ['current', 'candidate', 'next-wrapping-key', 'wrapping-key'] as const;
    const [current, candidate, nextKey, key] = await this.#readItems(items, signal);
    return {
      key: this.#decodeKey('wrapping-key', key),
      nextKey: this.#decodeKey('next-wrapping-key', nextKey),
      current: decode(current),
      candidate: decode(candidate),
    };
  }

  async createKey(key: WrappingKey, signal: AbortSignal): Promise<WrappingKey | null> {
    const [existing] = await this.#readItems(['wrapping-key'], signal);
    const kept = existing ?? (await this.#writeItem('wrapping-key', encode(key), signal));
    await this.#pushOut(signal);
    return this.#decodeKey('wrapping-key', kept);
  }

  async createNextKey(key: WrappingKey, signal: AbortSignal): Promise<WrappingKey | null> {
    const [existing] = await this.#readItems(['next-wrapping-key', 'wrapping-key'], signal);
    const kept = existing ?? (await this.#writeItem('next-wrapping-key', encode(key), signal));
    await this.#pushOut(signal);
    return this.#decodeKey('next-wrapping-key', kept);
  }

  async promoteNextKey(signal: AbortSignal): Promise<void> {
    const [nextKey] = await this.#readItems(['next-wrapping-key', 'wrapping-key'], signal);
    if (nextKey == null) return;
    const kept = await this.#writeItem('wrapping-key', nextKey, signal);
    if (kept !== nextKey) throw notKept(this.#account('wrapping-key'));
    await this.#removeItem('next-wrapping-key', signal);
  }

  /** The throw-away item is no record of ours: it holds nothing, and the next proof replaces it. */
  async sweep(): Promise<void> {}

  /** Nobody waits with a current secret: the journal has it too, until it has been exchanged. */
  async write(slot: SecretSlot, sealed: Uint8Array, signal: AbortSignal): Promise<Uint8Array | null> {
    const kept = await this.#writeItem(slot, encode(sealed), signal);
    if (slot === 'candidate') await this.#pushOut(signal);
    return decode(kept);
  }

  removeCandidate(signal: AbortSignal): Promise<void> {
    return this.#removeItem('candidate', signal);
  }

  /** Written down first and removed then: a crash between the two leaves both. */
  async setAside(slot: SecretSlot, attic: Attic, signal: AbortSignal): Promise<void> {
    const account = this.#account(slot);
    const [value] = await this.#ask({ kind: 'read', accounts: [account] }, signal);
    if (value == null) return;
    await attic.keep(`keychain-${slot}.base64url`, Buffer.from(value));
    await this.#ask({ kind: 'remove', account }, signal);
  }

  async prove(record: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#ask({ kind: 'prove', value: encode(record) }, signal);
  }

  /** Removes everything that the keychain has of the agent. There is no way back. */
  async forget(signal: AbortSignal): Promise<void> {
    for (const item of ['candidate', 'current', 'next-wrapping-key', 'wrapping-key'] as const) {
      await this.#removeItem(item, signal);
    }
  }

  /**
   * A keychain acknowledges what its own disk may not have yet, and a power cut then takes the last write back. What is relied
   * on as soon as this returns, a key or a hand-over, is therefore no longer the last write.
   */
  async #pushOut(signal: AbortSignal): Promise<void> {
    await this.#ask({ kind: 'prove', value: PUSHED_OUT }, signal);
  }

  #readItems(items: readonly Item[], signal: AbortSignal): Promise<readonly (string | null)[]> {
    return this.#ask({ kind: 'read', accounts: items.map((item) => this.#account(item)) }, signal);
  }

  /** Resolves to what the keychain has afterwards. */
  async #writeItem(item: Item, value: string, signal: AbortSignal): Promise<string | null> {
    const [kept] = await this.#ask({ kind: 'write', account: this.#account(item), value }, signal);
    return kept ?? null;
  }

  async #removeItem(item: Item, signal: AbortSignal): Promise<void> {
    await this.#ask({ kind: 'remove', account: this.#account(item) }, signal);
  }

  async #ask(operation: KeychainOperation, signal: AbortSignal): Promise<readonly (string | null)[]> {
    const request = { service: SERVICE, probeAccount: this.#account('probe'), operation };
    const answer = await this.#askKeychain(request, signal);
    if (answer.outcome === 'done') return answer.values;
    throw keychainFailure(answer);
  }

  #account(item: Item | 'probe'): string {
    return `${this.#agent}/${item}`;
  }

  #decodeKey(item: KeyItem, value: string | null | undefined): WrappingKey | null {
    const key = decode(value);
    if (key === null || key.length === KEY_BYTES) return key;
    const account = this.#account(item);
    const message = `the keychain item ${account} of ${SERVICE} was altered and is no wrapping key; restore the keyring from before that`;
    throw new TokenwardError('STATE_UNREADABLE', message, { fields: { account } });
  }
}

function notKept(account: string): TokenwardError {
  const message = `the keychain took the item ${account} of ${SERVICE} but does not give it back; see to the keyring`;
  return new TokenwardError('STORE_UNAVAILABLE', message, { fields: { account } });
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function decode(value: string | null | undefined): Uint8Array | null {
  return value == null ? null : new Uint8Array(Buffer.from(value, 'base64url'));
}
