import type { JournalRecord, RawAnswer } from '../../src/domain/journal-entry.ts';
import type { Credential, Fingerprint } from '../../src/domain/secret.ts';
import type { Token } from '../../src/domain/token.ts';
import { decodeRaw, decodeRecord, decodeSession } from '../../src/journal/journal-codec.ts';
import { open, type RecordKind } from '../../src/platform/seal.ts';
import type { StoredSecret, WrappingKey } from '../../src/ports/secret-store.ts';
import { interpret } from '../../src/providers/vcf-logs/interpret.ts';
import { decodeKey } from '../../src/secrets/key-source.ts';
import { decodeStoredSecret } from '../../src/secrets/stored-secret.ts';

/** What is on a host's disk and in its keychain, read by an observer who has the key and asks nobody. */

export interface Media {
  readonly current: StoredSecret | null;
  readonly candidate: StoredSecret | null;
  readonly record: JournalRecord | null;
  readonly session: Token | null;
  readonly raws: readonly RawAnswer[];
  /** Whether an answer brings a new secret. */
  readonly rotates: boolean;
}

/** Where one agent's things are. */
export interface Place {
  readonly agent: string;
  readonly folder: string;
  readonly keyFile: string;
  readonly rotates: boolean;
}

/** Every secret that is anywhere on the media. */
export function secretsOn(media: Media): ReadonlyMap<Fingerprint, Credential> {
  const known = found.get(media);
  if (known !== undefined) return known;
  const secrets: (Credential | null | undefined)[] = [
    media.current,
    media.candidate,
    media.record?.kept,
    media.record?.previous,
    ...(media.rotates ? media.raws.map(newSecretIn) : []),
  ];
  const all = new Map(secrets.flatMap((secret) => (secret == null ? [] : [[secret.fingerprint, secret]])));
  found.set(media, all);
  return all;
}

const found = new WeakMap<Media, ReadonlyMap<Fingerprint, Credential>>();
const newSecrets = new WeakMap<RawAnswer, { readonly secret: Credential | null }>();

function newSecretIn(raw: RawAnswer): Credential | null {
  const known = newSecrets.get(raw);
  if (known !== undefined) return known.secret;
  const outcome = interpret(raw.answer);
  const secret = outcome.kind === 'granted' ? outcome.newSecret : null;
  newSecrets.set(raw, { secret });
  return secret;
}

/** Reads the same bytes only once, however often it looks. */
export class MediaReader {
  readonly #opened = new WeakMap<Uint8Array, { readonly value: unknown }>();
  readonly #items = new Map<string, Uint8Array>();

  /** `keychain`: what the user's keychain holds, by `service/account`; null where the store is files. */
  read(
    files: ReadonlyMap<string, Uint8Array>,
    keychain: ReadonlyMap<string, string> | null,
    place: Place,
  ): Media {
    const { agent, folder, rotates } = place;
    const item = (name: string) => this.#item(keychain?.get(`tokenward/${agent}/${name}`));
    const key = this.key(files, keychain, place);
    if (key === null)
      return { current: null, candidate: null, record: null, session: null, raws: [], rotates };
    const file = (name: string) => files.get(`${folder}/${name}`);
    const read = <Value>(
      bytes: Uint8Array | undefined,
      kind: RecordKind,
      decode: (plain: Uint8Array, generation: number) => Value | null,
    ): Value | null => (bytes === undefined ? null : this.#open(key, agent, bytes, kind, decode));
    const [current, candidate] =
      keychain === null
        ? [file('secret.sealed'), file('candidate.sealed')]
        : [item('current'), item('candidate')];
    const raws = [...files].flatMap(([path, bytes]) =>
      path.startsWith(`${folder}/raw-`) ? (read(bytes, 'raw', decodeRaw) ?? []) : [],
    );
    return {
      current: read(current, 'secret', decodeStoredSecret),
      candidate: read(candidate, 'candidate', decodeStoredSecret),
      record: read(file('journal.sealed'), 'journal', decodeRecord),
      session: read(file('session.sealed'), 'session', decodeSession),
      raws,
      rotates,
    };
  }

  key(
    files: ReadonlyMap<string, Uint8Array>,
    keychain: ReadonlyMap<string, string> | null,
    { agent, keyFile }: Place,
  ): WrappingKey | null {
    if (keychain === null) return decodeKey(files.get(keyFile) ?? new Uint8Array());
    return this.#item(keychain.get(`tokenward/${agent}/wrapping-key`)) ?? null;
  }

  #open<Value>(
    key: WrappingKey,
    agent: string,
    bytes: Uint8Array,
    kind: RecordKind,
    decode: (plain: Uint8Array, generation: number) => Value | null,
  ): Value | null {
    const known = this.#opened.get(bytes);
    if (known !== undefined) return known.value as Value | null;
    const opened = open(key, { agent, kind }, bytes);
    const value = opened === null ? null : decode(opened.plaintext, opened.generation);
    this.#opened.set(bytes, { value });
    return value;
  }

  /** The bytes of a keychain item, the same object for the same text. */
  #item(text: string | undefined): Uint8Array | undefined {
    if (text === undefined) return undefined;
    const bytes = this.#items.get(text) ?? new Uint8Array(Buffer.from(text, 'base64url'));
    this.#items.set(text, bytes);
    return bytes;
  }
}
