import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** For programs that install the folder of the program; package.json says the same of the repository. */
export const libraryExports = {
  './client': { types: './client.d.mts', default: './client.mjs' },
  './package.json': './package.json',
};

/**
 * `tokenward/client`, for other people's programs: one ES module that needs nothing but Node, and its types. The folder around it is one
 * of CommonJS, so both say by their names what they are.
 */
export async function buildLibrary(root: string, folder: string): Promise<void> {
  await build({
    entryPoints: { client: join(root, 'src/client/library/client.ts') },
    absWorkingDir: root,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
  });
  await copyFile(join(root, 'src/client/library/declaration.ts'), join(folder, 'client.d.mts'));
}
