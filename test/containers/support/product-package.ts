import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageDeb } from '../../../scripts/package-deb.ts';
import { exclusively } from './exclusive.ts';
import { folders } from './folders.ts';
import { runVariable } from './product-image.ts';

const run = promisify(execFile);

/** Of this run; removed at its end. */
const folder = (): string => join(folders.cache, `packages-${process.env[runVariable] ?? 'none'}`);

/** The Debian package of the source as it is now, compressed in a hurry; made once in a run. */
export async function productPackage(): Promise<string> {
  return exclusively('package', async () => {
    const found = (await readdir(folder()).catch(() => [])).find((name) => name.endsWith('.deb'));
    if (found !== undefined) return join(folder(), found);
    const unfinished = `${folder()}.new`;
    await rm(unfinished, { recursive: true, force: true });
    const made = await packageDeb(unfinished, { quick: true });
    await rename(unfinished, folder());
    return join(folder(), made.slice(unfinished.length + 1));
  });
}

export async function removeProductPackage(): Promise<void> {
  for (const path of [folder(), `${folder()}.new`]) await rm(path, { recursive: true, force: true });
}

/** A package that dpkg takes for a later version: the same, but for its number. */
export async function laterPackage(original: string, target: string): Promise<void> {
  const tree = `${target}.tree`;
  await mkdir(tree);
  await run('dpkg-deb', ['--raw-extract', original, tree]);
  const control = join(tree, 'DEBIAN/control');
  const text = await readFile(control, 'utf8');
  await writeFile(
    control,
    text.replace(/^Version: .*$/m, (line) => `${line}+later`),
  );
  await run('dpkg-deb', ['--build', '--root-owner-group', '-Zgzip', '-z1', tree, target]);
  await rm(tree, { recursive: true });
}
