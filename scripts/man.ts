/** `npm run man`: the man pages in dist/man, or in the folder that is named. `npm run build` makes them too. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manPages } from './man/pages.ts';

const root = join(import.meta.dirname, '..');

/** Replaces the folder. The pages bear the day of `SOURCE_DATE_EPOCH` where it is set, so that a build can be repeated. */
export async function writeManPages(folder: string, version: string): Promise<void> {
  const { SOURCE_DATE_EPOCH: epoch } = process.env;
  const moment = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
  const exampleConfig = await readFile(join(root, 'config.example.yaml'), 'utf8');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of manPages({ version, date: moment.toISOString().slice(0, 10) }, exampleConfig))
    await writeFile(join(folder, name), text);
}

if (import.meta.main) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  await writeManPages(process.argv[2] ?? join(root, 'dist/man'), version);
}
