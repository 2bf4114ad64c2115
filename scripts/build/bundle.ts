import { type BuildResult, build, type Plugin } from 'esbuild';
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
  process.stderr.write(\`tokenward: \${process.execPath} is Node.js \${process.version}, and ${leastNode} or later is needed; install that, or run: /path/to/node \${__filename}\\n\`);
  process.exit(78);
}
const __importMeta = {
  url: require('node:url').pathToFileURL(__filename).href,
  filename: __filename,
  dirname: __dirname,
  main: require.main === module,
};`;

/**
 * Makes one CommonJS file per entry, which starts in half the time of the ES modules it is made of. It contains all that it
 * needs, except for other entries that it loads lazily. Without indentation, which would be a quarter of what V8 keeps in
 * memory, but with names and lines, for the sake of a user's stack trace. Nothing is written.
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
    define: {
      'import.meta': '__importMeta',
      TOKENWARD_VERSION: JSON.stringify(version),
      // undici leaves out its second, experimental parser where this is known
      esbuildDetection: 'true',
    },
    // import() would load a file by way of the ES module loader, which a daemon needs for nothing else
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    lineLimit: 120,
    legalComments: 'none',
    plugins: [nativePartsPlugin, separateEntriesPlugin(entries)],
    logLevel: 'warning',
  });
}

/** An entry that loads another one lazily finds it in the file beside its own. */
function separateEntriesPlugin(entries: BundleOptions['entries']): Plugin {
  const nameOf = new Map(Object.entries(entries).map(([name, path]) => [path, name]));
  return {
    name: 'separate-entries',
    setup(context) {
      context.onResolve({ filter: /./ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === resolved) return null;
        const found = await context.resolve(path, { kind, importer, resolveDir, pluginData: resolved });
        const name = nameOf.get(found.path);
        return name === undefined ? null : { path: `./${name}.js`, external: true };
      });
    },
  };
}

/** Marks what the plugin asks of esbuild itself. */
const resolved = Symbol('resolved');
