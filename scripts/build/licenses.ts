import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';

interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** Folders of packages that come as a binary and so are in no bundle. */
const nativePackages = ['node_modules/koffi', 'node_modules/keytar'];

/**
 * The licences of everything that is in the bundles, as one text. A bundle is a copy, and every licence among them asks
 * for its text to go with a copy. Licence files of parts that a package has taken in itself come along.
 */
export async function thirdPartyLicenses(metafile: Metafile, root: string): Promise<string> {
  const parts = new Map(nativePackages.map((folder) => [folder, new Set([folder])]));
  for (const path of bundledFiles(metafile)) {
    const folder = packageFolder(path);
    if (folder !== null) parts.set(folder, (parts.get(folder) ?? new Set([folder])).add(dirname(path)));
  }
  const folders = [...parts.keys()].toSorted();
  const sections = folders.map((folder) => licenseSection(root, folder, parts.get(folder) ?? new Set()));
  return (await Promise.all(sections)).join(`\n${'-'.repeat(80)}\n\n`);
}

function bundledFiles(metafile: Metafile): string[] {
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

/** `node_modules/a/node_modules/@b/c/lib/d.js` lies in `node_modules/a/node_modules/@b/c`; our own files in none. */
function packageFolder(path: string): string | null {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

async function licenseSection(root: string, folder: string, parts: ReadonlySet<string>): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as PackageManifest;
  const heading = `${manifest.name} ${manifest.version} (${manifest.license ?? 'see below'})\n`;
  const texts = await Promise.all([...parts].map((part) => licenseTexts(join(root, part))));
  return [heading, ...texts.flat()].join('\n');
}

async function licenseTexts(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  return Promise.all(names.toSorted().map((name) => readFile(join(folder, name), 'utf8')));
}
