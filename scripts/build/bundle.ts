import { type BuildResult, build } from 'esbuild';
import { nativePartsPlugin } from './native-parts.ts';

export interface BundleOptions {
  readonly root: string;
  /** Absolute paths of the entries by the name of the file they become. */
  readonly entries: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly version: string;
}

const leastNode = 24;

/**
 * Strict mode, which ES modules are written for; a plain word to those who have an older Node; and `import.meta`, which
 * CommonJS does not know and yargs, koffi and our own code ask for.
 */
const banner = `#!/usr/bin/env node
'use strict';
if (Number.parseInt(process.versions.node) < ${leastNode}) {
  process.stderr.write(\`tokenward needs Node.js ${leastNode} or later; this is \${process.version}\\n\`);
  process.exit(78);
}
const __importMeta = {
  url: require('node:url').pathToFileURL(__filename).href,
  filename: __filename,
  dirname: __dirname,
  main: require.main === module,
};`;

/**
 * Makes one self-contained CommonJS file per entry, which starts in half the time of the ES modules it is made of. Not
 * minified: names and lines in a user's stack trace are worth the 0.8 MiB. Nothing is written.
 */
export function bundle({
  root,
  entries,
  folder,
  version,
}: BundleOptions): Promise<BuildResult<{ metafile: true; write: false }>> {
  return build({
    entryPoints: { ...entries },
    absWorkingDir: root,
    outdir: folder,
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: `node${leastNode}`,
    format: 'cjs',
    banner: { js: banner },
    define: { 'import.meta': '__importMeta', TOKENWARD_VERSION: JSON.stringify(version) },
    legalComments: 'none',
    plugins: [nativePartsPlugin],
    logLevel: 'warning',
  });
}
