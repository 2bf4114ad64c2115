import { dirname, join } from 'node:path';
import { writeAtomically } from '../platform/atomic-write.ts';
import type { Attic } from '../ports/attic.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';

/** An attic as a folder in the agent's folder. Moving is renaming: it needs no space, and at every moment the record is in one of both. */

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export interface FileAtticOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** The agent's own folder; it exists. */
  readonly folder: string;
  /** Of the new folder in it; where the name is taken, a number is added. */
  readonly name: string;
}

export async function openFileAttic({ disk, random, folder, name }: FileAtticOptions): Promise<Attic> {
  const place = await freePath(disk, join(folder, name));
  const make = async () => {
    if ((await disk.stat(place)) !== null) return;
    await disk.makeFolder(place, FOLDER_MODE);
    await disk.syncFolder(dirname(place));
  };
  return {
    place,
    async move(file) {
      const from = join(folder, file);
      if ((await disk.stat(from)) === null) return;
      await make();
      await disk.rename(from, join(place, file));
      await disk.syncFolder(place);
      await disk.syncFolder(folder);
    },
    async keep(file, content) {
      await make();
      await writeAtomically(disk, random, join(place, file), content, { mode: FILE_MODE });
    },
  };
}

/** What an earlier call put aside within the same second stays as it is. */
async function freePath(disk: Disk, wanted: string): Promise<string> {
  let path = wanted;
  for (let number = 2; (await disk.stat(path)) !== null; number += 1) path = `${wanted}-${number}`;
  return path;
}
