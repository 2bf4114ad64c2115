import { join } from 'node:path';
import { writeAtomically } from '../platform/atomic-write.ts';
import { opensWith, openWithEither, resealed, type WrappingKeys } from '../platform/reseal.ts';
import type { RecordKind } from '../platform/seal.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';

/** The sealed files of a journal: one that is read, and all of them while their wrapping key is being replaced. */

const FILE_MODE = 0o600;
const ENDING = /\.sealed$/;

interface Place {
  readonly disk: Disk;
  readonly random: Random;
  readonly folder: string;
  readonly agent: string;
}

/** Names of files with the kind of record that each holds; a file may be missing. */
export type SealedFiles = Iterable<readonly [name: string, kind: RecordKind]>;

export async function recordsIn(
  files: SealedFiles,
  { disk, folder, agent }: Place,
  keys: WrappingKeys,
): Promise<readonly SealedRecord[]> {
  const records: SealedRecord[] = [];
  for (const [name, kind] of files) {
    const sealed = await disk.read(join(folder, name));
    if (sealed === null) continue;
    records.push({ name: name.replace(ENDING, ''), opensWith: opensWith(keys, { agent, kind }, sealed) });
  }
  return records;
}

/** Rejects `STATE_UNREADABLE` at a file that no key opens, and with the signal's reason between two files. */
export async function sealFilesAnew(
  files: SealedFiles,
  { disk, random, folder, agent }: Place,
  keys: Parameters<typeof resealed>[0],
  signal: AbortSignal,
): Promise<void> {
  for (const [name, kind] of files) {
    signal.throwIfAborted();
    const path = join(folder, name);
    const sealed = await disk.read(path);
    const anew = sealed === null ? null : resealed(keys, { agent, kind }, sealed, random);
    if (anew !== null) await writeAtomically(disk, random, path, anew, { mode: FILE_MODE });
  }
}

/** What is in a file; null where there is none. Writes nothing. */
export async function readSealed<Value>(
  name: string,
  kind: RecordKind,
  { disk, folder, agent }: Pick<Place, 'folder' | 'agent'> & { readonly disk: Pick<Disk, 'read'> },
  keys: WrappingKeys,
  decode: (bytes: Uint8Array) => Value | null,
): Promise<Value | null | 'unreadable'> {
  const sealed = await disk.read(join(folder, name));
  if (sealed === null) return null;
  const opened = openWithEither(keys, { agent, kind }, sealed);
  return opened === null ? 'unreadable' : (decode(opened.plaintext) ?? 'unreadable');
}
