import { credential } from '../platform/fingerprint.ts';
import type { StoredSecret } from '../ports/secret-store.ts';

/** A stored secret as the bytes that are sealed. The fingerprint is not among them: it follows from the text. */

interface Plain {
  readonly text: string;
  readonly generation: number;
  readonly owner: string;
  readonly origin: string;
}

/** The one place where a secret's text leaves for its store. */
export function encodeStoredSecret({ text, generation, owner, origin }: StoredSecret): Uint8Array {
  const plain: Plain = { text: text.reveal(), generation, owner, origin };
  return Buffer.from(JSON.stringify(plain));
}

/** null where the bytes are not such a record, or one of another generation than the seal says. */
export function decodeStoredSecret(bytes: Uint8Array, generation: number): StoredSecret | null {
  const plain = parse(bytes);
  if (!isPlain(plain) || plain.generation !== generation) return null;
  return { ...credential(plain.text), generation, owner: plain.owner, origin: plain.origin };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // authentic bytes that are not JSON come from another version of the program: unreadable is all there is to say
    return null;
  }
}

function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false;
  const { text, generation, owner, origin } = value as Partial<Record<keyof Plain, unknown>>;
  return (
    typeof text === 'string' &&
    typeof generation === 'number' &&
    typeof owner === 'string' &&
    typeof origin === 'string'
  );
}
