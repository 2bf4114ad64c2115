import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnitTexts } from './placed-files.ts';

/** All that lies in the folder of the units, by its path in there. */
export async function readUnitTexts(folder: string): Promise<UnitTexts> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}
