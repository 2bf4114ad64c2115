import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Answer } from '../domain/outcome.ts';
import { Secret, type Credential } from '../domain/secret.ts';
import type { Token } from '../domain/token.ts';

/**
 * Records as bytes, before sealing and after opening: JSON with the credentials' texts in it. What comes out of a seal was
 * written by us, so only the format's version is checked; a version that we do not know counts as unreadable.
 */

const formatVersion = 1;

type Plain<Value> = Value extends Secret
  ? string
  : Value extends object
    ? { readonly [Key in keyof Value]: Plain<Value[Key]> }
    : Value;

export function encodeRecord(record: JournalRecord): Uint8Array {
  return encode({ ...record, previous: revealed(record.previous), kept: revealed(record.kept) });
}

export function decodeRecord(bytes: Uint8Array): JournalRecord | null {
  const plain = decode<JournalRecord>(bytes);
  return plain === null
    ? null
    : {
        ...lacking,
        ...plain,
        previous: concealed(plain.previous),
        kept: concealed(plain.kept),
      };
}

/** What records of earlier versions have not. */
const lacking = { rejections: null, adoptedFile: null } as const;

export function encodeSession(token: Token): Uint8Array {
  return encode(revealed(token));
}

export function decodeSession(bytes: Uint8Array): Token | null {
  return concealed(decode<Token>(bytes));
}

/** A raw answer as JSON: its body in base64. */
type StoredAnswer =
  | Exclude<Answer, { kind: 'http' }>
  | (Omit<Extract<Answer, { kind: 'http' }>, 'body'> & { readonly body: string });

export function encodeRaw({ attempt, answer }: RawAnswer): Uint8Array {
  const stored: StoredAnswer =
    answer.kind === 'http' ? { ...answer, body: Buffer.from(answer.body).toString('base64') } : answer;
  return encode({ attempt, answer: stored });
}

export function decodeRaw(bytes: Uint8Array): RawAnswer | null {
  const stored = decode<{ attempt: RawAnswer['attempt']; answer: StoredAnswer }>(bytes);
  if (stored === null) return null;
  const { attempt, answer } = stored;
  return {
    attempt,
    answer: answer.kind === 'http' ? { ...answer, body: Buffer.from(answer.body, 'base64') } : answer,
  };
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify({ version: formatVersion, value }), 'utf8');
}

function decode<Value>(bytes: Uint8Array): Plain<Value> | null {
  const parsed = parse(bytes) as { version: number; value: Plain<Value> } | null;
  return parsed?.version === formatVersion ? parsed.value : null;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // authentic bytes that are not JSON come from another version of the program: unreadable is all there is to say
    return null;
  }
}

function revealed<Value extends Credential>(credential: Value | null) {
  return credential === null ? null : { ...credential, text: credential.text.reveal() };
}

function concealed<Value extends { readonly text: string }>(
  plain: Value | null,
): (Omit<Value, 'text'> & { readonly text: Secret }) | null {
  return plain === null ? null : { ...plain, text: new Secret(plain.text) };
}
