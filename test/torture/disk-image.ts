import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt, JournalRecord, RawAnswer } from '../../src/domain/journal-entry.ts';
import type { Fingerprint } from '../../src/domain/secret.ts';
import { decodeRaw, decodeRecord } from '../../src/journal/journal-codec.ts';
import { fingerprintOf } from '../../src/platform/fingerprint.ts';
import { open, type RecordKind } from '../../src/platform/seal.ts';
import { decodeStoredSecret } from '../../src/secrets/stored-secret.ts';
import { sealedFile } from './points.ts';

/** What a kill left of one agent on the disk, read with the program's own key and codecs, and changing nothing. */
export interface DiskImage {
  /** Of the newest secret that was saved as the agent's own; 0 where there is none. */
  readonly generation: number;
  /** The attempt that was under way. */
  readonly intent: Attempt | null;
  /** The answers that are kept: the new secret in each, null where it was no grant; by the attempt's id. */
  readonly raws: ReadonlyMap<string, Fingerprint | null>;
  readonly rawFiles: readonly string[];
  /** Every secret that can still be read: in the store, in the journal, in kept answers. */
  readonly secrets: ReadonlySet<Fingerprint>;
  /** Secrets in answers that were written whole, but had not been given their name. */
  readonly unnamed: ReadonlySet<Fingerprint>;
  /** Files that are there and cannot be opened. */
  readonly unreadable: readonly string[];
}

export function readDisk(stateDir: string, agent: string, key: Uint8Array): DiskImage {
  const folder = join(stateDir, 'agents', agent);
  const unreadable: string[] = [];

  function read<Value>(
    file: string,
    kind: RecordKind,
    decode: (plaintext: Uint8Array, generation: number) => Value | null,
  ): Value | null {
    const opened = open(key, { agent, kind }, readFileSync(join(folder, file)));
    return opened === null ? null : decode(opened.plaintext, opened.generation);
  }

  const files = readdirSync(folder);
  function whole<Value>(
    file: string,
    kind: RecordKind,
    decode: (plaintext: Uint8Array, generation: number) => Value | null,
  ): Value | null {
    if (!files.includes(file)) return null;
    const value = read(file, kind, decode);
    if (value === null) unreadable.push(file);
    return value;
  }

  const record = whole('journal.sealed', 'journal', decodeRecord);
  const current = whole('secret.sealed', 'secret', decodeStoredSecret);
  const candidate = whole('candidate.sealed', 'candidate', decodeStoredSecret);
  const raws = files.filter(isRaw).flatMap((file) => whole(file, 'raw', decodeRaw) ?? []);
  const unnamed = files.filter(isUnnamedRaw).flatMap((file) => read(file, 'raw', decodeRaw) ?? []);
  return {
    generation: Math.max(record?.generation ?? 0, current?.generation ?? 0),
    intent: record?.intent ?? null,
    raws: new Map(raws.map((raw) => [raw.attempt.id, secretIn(raw)])),
    rawFiles: files.filter(isRaw),
    secrets: new Set([
      ...[current, candidate].flatMap((held) => held?.fingerprint ?? []),
      ...secretsIn(record),
      ...raws.flatMap((raw) => secretIn(raw) ?? []),
    ]),
    unnamed: new Set(unnamed.flatMap((raw) => secretIn(raw) ?? [])),
    unreadable,
  };
}

function isRaw(file: string): boolean {
  const found = sealedFile(file);
  return found?.kind === 'raw' && !found.unnamed;
}

function isUnnamedRaw(file: string): boolean {
  const found = sealedFile(file);
  return found?.kind === 'raw' && found.unnamed;
}

function secretsIn(record: JournalRecord | null): Fingerprint[] {
  return [record?.kept, record?.previous].flatMap((held) => held?.fingerprint ?? []);
}

/** The new secret of a granted exchange; null for any other answer. */
function secretIn({ answer }: RawAnswer): Fingerprint | null {
  if (answer.kind !== 'http' || answer.status !== 200 || !answer.complete) return null;
  const { new_secret: text } = JSON.parse(Buffer.from(answer.body).toString('utf8')) as {
    new_secret: string;
  };
  return fingerprintOf(text);
}
