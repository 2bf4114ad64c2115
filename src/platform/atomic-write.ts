import { basename, dirname, join } from 'node:path';
import type { Disk, DiskFile } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';

/**
 * Replacing a file as a whole: at every moment, and after a power cut, the path has the old contents or the new ones. The
 * new ones are written under a temporary name that nobody can guess or have prepared, made durable, and renamed.
 */

const SUFFIX_BYTES = 8;
const LEFTOVER_ENDING = /^[0-9a-f]{16}\.tmp$/;

export interface FileAccess {
  /** Exact permission bits, whatever the umask. */
  readonly mode: number;
  /** Absent = the process's own user and group. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Durable on return. Rejects with Node's errors; the path then has its old contents, or, where only the last step failed
 * (the fsync of the folder), the new ones without the promise that they stay.
 */
export function writeAtomically(
  disk: Disk,
  random: Random,
  path: string,
  bytes: Uint8Array,
  access: FileAccess,
): Promise<void> {
  return putInPlace(disk, random, path, bytes, access, (temporary) => disk.rename(temporary, path));
}

/**
 * The same for a file that must not be there yet: nobody ever sees a part of it, and of several processes one succeeds.
 * Rejects EEXIST where something is at the path.
 */
export function createAtomically(
  disk: Disk,
  random: Random,
  path: string,
  bytes: Uint8Array,
  access: FileAccess,
): Promise<void> {
  return putInPlace(disk, random, path, bytes, access, async (temporary) => {
    await disk.link(temporary, path);
    await disk.remove(temporary);
  });
}

async function putInPlace(
  disk: Disk,
  random: Random,
  path: string,
  bytes: Uint8Array,
  access: FileAccess,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const suffix = Buffer.from(random.bytes(SUFFIX_BYTES)).toString('hex');
  const temporary = join(folder, `${temporaryPrefix(basename(path))}${suffix}.tmp`);
  const file = await disk.create(temporary, access.mode);
  try {
    await fill(file, bytes, access.owner);
    await place(temporary);
  } catch (error) {
    // best effort: the first failure is the one to tell, and removeLeftovers takes what stays
    await disk.remove(temporary).catch(() => {});
    throw error;
  }
  await disk.syncFolder(folder);
}

/** Removes what interrupted writes of `folder/name` left behind, and nothing else. Call it where nobody else writes that file. */
export async function removeLeftovers(disk: Disk, folder: string, name: string): Promise<void> {
  const prefix = temporaryPrefix(name);
  for (const found of (await disk.list(folder)) ?? []) {
    const isLeftover = found.startsWith(prefix) && LEFTOVER_ENDING.test(found.slice(prefix.length));
    if (isLeftover) await disk.remove(join(folder, found));
  }
}

async function fill(file: DiskFile, bytes: Uint8Array, owner: FileAccess['owner']): Promise<void> {
  try {
    await file.write(bytes);
    if (owner !== undefined) await file.setOwner(owner.uid, owner.gid);
    await file.sync();
  } finally {
    await file.close();
  }
}

function temporaryPrefix(name: string): string {
  return `.${name}.`;
}
