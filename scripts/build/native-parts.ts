/**
 * koffi and keytar look for their binaries in their own package folders. A bundle has no such folders: the binaries of
 * this platform are copied to `native/` beside it, and both loaders are replaced by a plain `require` from there.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** One folder name of a prebuilt binary per package, as the two packages spell the platform. */
export interface Platform {
  readonly koffi: string;
  readonly keytar: string;
}

/** keytar's folders for musl on arm hold x86-64 binaries (7.10.6), so that platform is not among them. */
const platforms: Readonly<Record<string, Platform>> = {
  'linux-x64-glibc': { koffi: 'koffi-linux-x64/linux_x64', keytar: 'linux-x64' },
  'linux-arm64-glibc': { koffi: 'koffi-linux-arm64/linux_arm64', keytar: 'linux-arm64' },
  'linux-x64-musl': { koffi: 'koffi-linux-x64/musl_x64', keytar: 'linuxmusl-x64' },
};

/** The platform that the build runs on, which is the one that it builds for. Throws for one that nobody has tried. */
export function presentPlatform(): Platform {
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const libc = report.header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  const name = `${process.platform}-${process.arch}-${libc}`;
  const platform = platforms[name];
  if (platform === undefined) {
    throw new Error(
      `no native parts for ${name}; tokenward is built on ${Object.keys(platforms).join(', ')}`,
    );
  }
  return platform;
}

export async function copyNativeParts(
  platform: Platform,
  nodeModules: string,
  folder: string,
): Promise<void> {
  const native = join(folder, 'native');
  await mkdir(native, { recursive: true });
  await copyFile(join(nodeModules, '@koromix', platform.koffi, 'koffi.node'), join(native, 'koffi.node'));
  await copyFile(
    join(nodeModules, 'keytar/prebuilds', platform.keytar, 'keytar.node'),
    join(native, 'keytar.node'),
  );
}

/** Lets the bundled koffi and keytar load `./native/*.node`. Fails the build where a package has moved its loader. */
export const nativePartsPlugin: Plugin = {
  name: 'native-parts',
  setup(build) {
    build.onResolve({ filter: /^\.\/native\/.*\.node$/ }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /\/koffi\/src\/koffi\/src\/static\.js$/ }, () => ({
      contents: `import koffi from './native/koffi.node'; export const loadStatic = () => koffi;`,
    }));
    build.onLoad({ filter: /\/keytar\/lib\/keytar\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const call = 'var keytar = loadNativeAddon();';
      if (!text.includes(call)) throw new Error(`keytar has another loader now: see ${path}`);
      return { contents: text.replace(call, `var keytar = require('./native/keytar.node');`) };
    });
  },
};
