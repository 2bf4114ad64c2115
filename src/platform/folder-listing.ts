import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './system-error.ts';

/** An entry of a folder. */
export interface ListedEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly modifiedAt: Date;
}

/** Sorted by name; empty where the folder is absent. Rejects with Node's errors, such as EACCES. */
export async function listFolder(folder: string): Promise<readonly ListedEntry[]> {
  const names = await orAbsent(readdir(folder));
  const entries = (names ?? []).toSorted().map(async (name) => {
    const found = await orAbsent(lstat(join(folder, name)));
    return found === null ? [] : [{ name, isFolder: found.isDirectory(), modifiedAt: found.mtime }];
  });
  return (await Promise.all(entries)).flat();
}

async function orAbsent<Found>(work: Promise<Found>): Promise<Found | null> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}
