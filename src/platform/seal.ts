import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../ports/random.ts';
import type { WrappingKey } from '../ports/secret-store.ts';

/**
 * Sealing of everything that goes to a disk: AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce. A record says in clear
 * what it is and of which generation, and both are authenticated together with the agent's name: a record of another agent,
 * of another kind or with a changed generation does not open.
 *
 * Layout: magic and version (5 bytes), kind (1), generation (8, big-endian), nonce (12), ciphertext, tag (16).
 */

/** The numbers are on disk: they never change, and new kinds get new ones. */
const kindNumbers = { secret: 1, candidate: 2, journal: 3, raw: 4, session: 5, probe: 6 } as const;

export type RecordKind = keyof typeof kindNumbers;

export interface SealContext {
  readonly agent: string;
  /** A non-negative integer. */
  readonly generation: number;
  readonly kind: RecordKind;
}

export interface Opened {
  readonly generation: number;
  readonly plaintext: Uint8Array;
}

const ALGORITHM = 'aes-256-gcm';
const MAGIC = Buffer.from('TWRD\x01', 'latin1');
const HEADER_BYTES = MAGIC.length + 1 + 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** By how many bytes a record is longer than its plaintext. */
export const SEAL_OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** Throws Node's RangeError for a key that is not 32 bytes or a generation that is not a non-negative integer. */
export function seal(
  key: WrappingKey,
  context: SealContext,
  plaintext: Uint8Array,
  random: Random,
): Uint8Array {
  const header = encodeHeader(context.kind, context.generation);
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(header, context.agent));
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]);
}

/** Null where it cannot be opened: wrong key, another agent's, another kind, altered, truncated, or not a record at all. */
export function open(
  key: WrappingKey,
  context: Omit<SealContext, 'generation'>,
  sealed: Uint8Array,
): Opened | null {
  if (sealed.length < SEAL_OVERHEAD_BYTES) return null;
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const header = bytes.subarray(0, HEADER_BYTES);
  const generation = decodeHeader(header, context.kind);
  if (generation === null) return null;
  const nonce = bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(header, context.agent));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plaintext = decipher.update(bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // the tag does not fit; OpenSSL says no more than that, and the plaintext must not be used
    return null;
  }
  return { generation, plaintext };
}

/** What a record of this kind says of its generation, in clear and so not to be relied on; null where it is no such record. */
export function claimedGeneration(kind: RecordKind, sealed: Uint8Array): number | null {
  if (sealed.length < SEAL_OVERHEAD_BYTES) return null;
  return decodeHeader(Buffer.from(sealed.subarray(0, HEADER_BYTES)), kind);
}

function encodeHeader(kind: RecordKind, generation: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt8(kindNumbers[kind], MAGIC.length);
  header.writeBigUInt64BE(BigInt(generation), MAGIC.length + 1);
  return header;
}

/** The generation, or null where it is not a record of this kind. Not yet authenticated. */
function decodeHeader(header: Buffer, kind: RecordKind): number | null {
  const matches =
    header.subarray(0, MAGIC.length).equals(MAGIC) && header.readUInt8(MAGIC.length) === kindNumbers[kind];
  return matches ? Number(header.readBigUInt64BE(MAGIC.length + 1)) : null;
}

/** The header has a fixed length and the name comes with its own, so that no two contexts give the same bytes. */
function associatedData(header: Buffer, agent: string): Buffer {
  const name = Buffer.from(agent, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([header, length, name]);
}
