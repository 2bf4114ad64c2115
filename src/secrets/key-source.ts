import { TokenwardError } from '../domain/errors.ts';
import type { WrappingKey } from '../ports/secret-store.ts';

/** Where the `file` store has its wrapping key from. All methods reject `KEY_FILE_UNUSABLE` with what to do about it. */
export interface KeySource {
  /** null = there is none yet. */
  read(): Promise<WrappingKey | null>;
  /** Puts the key where none is, durably, and resolves to the one that is there then; an existing one stays. */
  create(key: WrappingKey): Promise<WrappingKey | null>;
  /** The key that is about to replace the other one; null = none. */
  readNext(): Promise<WrappingKey | null>;
  /** As {@link KeySource.create}, for the next key. */
  createNext(key: WrappingKey): Promise<WrappingKey | null>;
  /** The next key takes the other one's place, durably; of the other one nothing is left. */
  promoteNext(): Promise<void>;
}

/** 32 bytes are 43 digits and one `=`, which base64url leaves out. */
const ENCODED_KEY = /^[A-Za-z0-9+/_-]{43}=?\n?$/;

/** 32 bytes as base64 or base64url on one line; null for anything else. */
export function decodeKey(bytes: Uint8Array): WrappingKey | null {
  const text = Buffer.from(bytes).toString('latin1');
  // Node's decoder of base64 takes both alphabets
  return ENCODED_KEY.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : null;
}

export function encodeKey(key: WrappingKey): Uint8Array {
  return Buffer.from(`${Buffer.from(key).toString('base64')}\n`);
}

export function keyFileUnusable(path: string, message: string, cause?: unknown): TokenwardError {
  return new TokenwardError('KEY_FILE_UNUSABLE', message, {
    fields: { path },
    ...(cause !== undefined && { cause }),
  });
}
