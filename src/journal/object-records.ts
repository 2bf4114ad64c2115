import { TokenwardError } from '../domain/errors.ts';
import type { Stamp } from '../domain/stamp.ts';
import type { ObjectData, ObjectValues } from '../platform/kubernetes/object-data.ts';
import { opensWith, openWithEither, resealed, type WrappingKeys } from '../platform/reseal.ts';
import type { RecordKind } from '../platform/seal.ts';
import type { KeptAnswer } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import { inThisBoot } from './foreign-stamps.ts';
import { rawsIn } from './object-raws.ts';

/** The sealed records of a journal in a Kubernetes Secret, while their wrapping key is being replaced. */

export type Decode<Value> = (bytes: Uint8Array) => Value | null;

/** What is in a record, with its times on the clock of `now`; null where there is none. */
export function openedIn<Value>(
  sealed: Uint8Array | undefined,
  context: { readonly agent: string; readonly kind: RecordKind },
  keys: WrappingKeys,
  decode: Decode<Value>,
  now: Stamp,
): Value | null | 'unreadable' {
  if (sealed === undefined) return null;
  const opened = openWithEither(keys, context, sealed);
  return opened === null ? 'unreadable' : (inThisBoot(decode(opened.plaintext), now) ?? 'unreadable');
}

interface Found {
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly kind: RecordKind;
  readonly sealed: Uint8Array;
}

export function objectRecords(data: ObjectData, agent: string, keys: WrappingKeys): readonly SealedRecord[] {
  return found(data).map(({ name, kind, sealed }) => ({
    name,
    opensWith: opensWith(keys, { agent, kind }, sealed),
  }));
}

/** Throws `STATE_UNREADABLE` at a record that no key opens. */
export function resealedValues(
  data: ObjectData,
  agent: string,
  keys: Parameters<typeof resealed>[0],
  random: Random,
): ObjectValues {
  const values: Record<string, Uint8Array> = {};
  for (const { key, kind, sealed } of found(data)) {
    const anew = resealed(keys, { agent, kind }, sealed, random);
    if (anew !== null) values[key] = anew;
  }
  return values;
}

/** A record that is in both places is one; what is left to be done with it is what is left in either. */
export function mergedRecords(
  inObject: readonly SealedRecord[],
  inFiles: readonly SealedRecord[],
): readonly SealedRecord[] {
  const records = new Map(inObject.map((record) => [record.name, record]));
  for (const record of inFiles) {
    const known = records.get(record.name);
    if (known === undefined || known.opensWith === 'next-key') records.set(record.name, record);
  }
  return [...records.values()];
}

function found(data: ObjectData): readonly Found[] {
  const one = (key: string, kind: RecordKind, name: string): readonly Found[] => {
    const sealed = data.get(key);
    return sealed === undefined ? [] : [{ key, name, kind, sealed }];
  };
  const raws = rawsIn(data).map(([key, sealed]) => ({ key, name: key, kind: 'raw' as const, sealed }));
  return [...one('record', 'journal', 'journal'), ...one('session', 'session', 'session'), ...raws];
}

/** Of an answer that is in both places, whichever can be opened. */
export function mergedAnswers(
  inObject: readonly KeptAnswer[],
  inFiles: readonly KeptAnswer[],
): readonly KeptAnswer[] {
  const answers = new Map(inObject.map((answer) => [answer.attempt, answer]));
  for (const answer of inFiles)
    if (answer.raw !== 'unreadable' || !answers.has(answer.attempt)) answers.set(answer.attempt, answer);
  return [...answers.values()];
}

/** Of a failure, for the log. */
export function wordsOf(error: unknown) {
  if (error instanceof TokenwardError) return { code: error.code, reason: error.message };
  return { code: 'INTERNAL', reason: String(error) };
}
