import { TokenwardError } from '../domain/errors.ts';
import { holds, type ObjectData, type ObjectValues } from '../platform/kubernetes/object-data.ts';
import type { ObjectImage, SecretObject } from '../platform/kubernetes/secret-object.ts';
import { claimedGeneration } from '../platform/seal.ts';
import type { Attic } from '../ports/attic.ts';
import type { SecretSlot, WrappingKey } from '../ports/secret-store.ts';
import type { SlotImage, Slots } from './slots.ts';

/**
 * Sealed records in the agent's Kubernetes Secret, and the key that opens them beside them, as in a keychain: who may read the
 * object has the secret. RBAC by name and encryption at rest are what protects it.
 */

const KEY_BYTES = 32;
const KEYS = ['key', 'next-key'] as const;
const NAMES = ['current', 'candidate', ...KEYS] as const;

type Name = (typeof NAMES)[number];

export interface KubernetesSlotsOptions {
  readonly object: SecretObject;
  /**
   * Keeps a secret on the local volume, sealed, that another pod's newer one leaves no place for, and tells of it. Resolves to
   * where it is.
   */
  readonly keepAside: (sealed: Uint8Array, generation: number) => Promise<string>;
}

export class KubernetesSlots implements Slots {
  readonly kind = 'kubernetes';
  readonly identity: string;
  readonly #object: SecretObject;
  readonly #keepAside: KubernetesSlotsOptions['keepAside'];
  /** What a write rests on; null where nothing was read yet, and then it rests on nothing. */
  #seen: ObjectData | null = null;
  #keptAside: { readonly generation: number; readonly place: string } | null = null;

  constructor({ object, keepAside }: KubernetesSlotsOptions) {
    this.identity = `kubernetes:${object.at.namespace}/${object.at.name}`;
    this.#object = object;
    this.#keepAside = keepAside;
  }

  async read(signal: AbortSignal): Promise<SlotImage> {
    const data = this.#noted(await this.#object.read(signal));
    return {
      key: this.#keyIn(data, 'key'),
      nextKey: this.#keyIn(data, 'next-key'),
      current: data.get('current') ?? null,
      candidate: data.get('candidate') ?? null,
    };
  }

  async createKey(key: WrappingKey, signal: AbortSignal): Promise<WrappingKey | null> {
    return this.#keyIn(await this.#setWhereAbsent('key', key, signal), 'key');
  }

  async createNextKey(key: WrappingKey, signal: AbortSignal): Promise<WrappingKey | null> {
    return this.#keyIn(await this.#setWhereAbsent('next-key', key, signal), 'next-key');
  }

  async promoteNextKey(signal: AbortSignal): Promise<void> {
    this.#noted(await this.#object.change({ set: promoted, expects: this.#expect(NAMES) }, signal));
  }

  async write(slot: SecretSlot, sealed: Uint8Array, signal: AbortSignal): Promise<Uint8Array | null> {
    const expects = this.#expect(slot === 'current' ? ['current', ...KEYS] : ['candidate', ...KEYS]);
    const set = () => ({ [slot]: sealed });
    const overTheirs = (theirs: ObjectData) => slot === 'current' && this.#isNewer(sealed, theirs);
    try {
      const image = await this.#object.change({ set, expects, overTheirs }, signal);
      return this.#noted(image).get(slot) ?? null;
    } catch (error) {
      const isHeld = error instanceof TokenwardError && error.code === 'AGENT_HELD';
      throw isHeld && slot === 'current' ? await this.#notWritten(sealed, error) : error;
    }
  }

  async removeCandidate(signal: AbortSignal): Promise<void> {
    await this.#remove('candidate', signal);
  }

  /** Written down first and removed then: a crash between the two leaves both. */
  async setAside(slot: SecretSlot, attic: Attic, signal: AbortSignal): Promise<void> {
    const sealed = this.#noted(await this.#object.read(signal)).get(slot);
    if (sealed === undefined) return;
    await attic.keep(`kubernetes-${slot}.sealed`, sealed);
    await this.#remove(slot, signal);
  }

  prove(record: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#object.prove({ probe: record }, signal);
  }

  /** A write is there as a whole or not at all. */
  async sweep(): Promise<void> {}

  watch(changed: () => void, signal: AbortSignal): void {
    this.#object.watch(changed, signal);
  }

  async #remove(slot: SecretSlot, signal: AbortSignal): Promise<void> {
    const expects = this.#expect([slot]);
    this.#noted(await this.#object.change({ set: () => ({ [slot]: null }), expects }, signal));
  }

  async #setWhereAbsent(name: Name, value: Uint8Array, signal: AbortSignal): Promise<ObjectData> {
    const set = (data: ObjectData) => (data.has(name) ? {} : { [name]: value });
    return this.#noted(await this.#object.change({ set, expects: {} }, signal));
  }

  #noted({ data }: ObjectImage): ObjectData {
    this.#seen = data;
    return data;
  }

  #expect(names: readonly Name[]): ObjectValues {
    const seen = this.#seen;
    if (seen === null) return {};
    return Object.fromEntries(names.map((name) => [name, seen.get(name) ?? null]));
  }

  /** Under other keys than ours is sealed with, it would be unreadable where it is. */
  #isNewer(sealed: Uint8Array, theirs: ObjectData): boolean {
    if (!holds(theirs, this.#expect(KEYS))) return false;
    const current = theirs.get('current');
    return current === undefined || generationOf(sealed) > generationOf(current);
  }

  async #notWritten(sealed: Uint8Array, cause: TokenwardError): Promise<TokenwardError> {
    const generation = generationOf(sealed);
    // tried again with every repetition of the save
    if (this.#keptAside?.generation !== generation)
      this.#keptAside = { generation, place: await this.#keepAside(sealed, generation) };
    const { namespace, name } = this.#object.at;
    const message = `another pod wrote a secret as new as ours (generation ${generation}) to the Secret ${namespace}/${name}; theirs stands, and ours is kept sealed in ${this.#keptAside.place}`;
    return new TokenwardError('AGENT_HELD', message, { cause, fields: { ...cause.fields, generation } });
  }

  #keyIn(data: ObjectData, name: (typeof KEYS)[number]): WrappingKey | null {
    const key = data.get(name);
    if (key === undefined) return null;
    if (key.length === KEY_BYTES) return key;
    const { namespace, name: object } = this.#object.at;
    const message = `the value ${name} of the Secret ${namespace}/${object} was altered and is no wrapping key; restore it`;
    throw new TokenwardError('STATE_UNREADABLE', message, { fields: { object: `${namespace}/${object}` } });
  }
}

/** The next key in the place of the other one, all at once. */
function promoted(data: ObjectData): ObjectValues {
  const next = data.get('next-key');
  return next === undefined ? {} : { key: next, 'next-key': null };
}

/** One that does not say is older than all that do. */
function generationOf(sealed: Uint8Array): number {
  return claimedGeneration('secret', sealed) ?? -1;
}
