/** `npm run build`: dist/ with everything that a host needs besides Node itself. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './build/bundle.ts';
import { buildLibrary, libraryExports } from './build/library.ts';
import { thirdPartyLicenses } from './build/licenses.ts';
import { copyNativeParts, presentPlatform } from './build/native-parts.ts';
import { writeManPages } from './man.ts';
import { publishedFiles } from './published-files.ts';

const root = join(import.meta.dirname, '..');

/**
 * What becomes a file of its own. V8 reads a file as a whole and keeps its text: the daemon must not carry that of the commands,
 * nor, before it needs them, that of the HTTP client, the watch, the text of a scrape, the alerts that leave the host, systemd, hooks, the API of Kubernetes and the pretty log. The keychain's child is
 * started for every call to the keychain and must start fast.
 */
export const entries = {
  tokenward: join(root, 'src/main.ts'),
  'daemon-process': join(root, 'src/cli/daemon-process.ts'),
  'once-process': join(root, 'src/cli/once-process.ts'),
  'command-process': join(root, 'src/cli/command-process.ts'),
  'keychain-child': join(root, 'src/secrets/keychain-child.ts'),
  'proxy-server': join(root, 'src/serve/proxy/proxy-server.ts'),
  'alert-channels': join(root, 'src/alerts/remote/channels.ts'),
  service: join(root, 'src/daemon/service/systemd.ts'),
  hooks: join(root, 'src/outputs/hooks/run-hook.ts'),
  'kubernetes-api': join(root, 'src/platform/kubernetes/rest-api.ts'),
  'undici-client': join(root, 'node_modules/undici/lib/dispatcher/client.js'),
  chokidar: join(root, 'node_modules/chokidar/index.js'),
  'prom-client': join(root, 'node_modules/prom-client/index.js'),
  'pino-pretty': join(root, 'node_modules/pino-pretty/index.js'),
};

/** Replaces `folder` by a fresh build; one that fails to bundle leaves the last one as it was. */
export async function build(
  folder: string,
  entryPoints: Readonly<Record<string, string>> = entries,
): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const platform = presentPlatform();
  const { metafile, outputFiles } = await bundle({ root, entries: entryPoints, folder, version });

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(path, contents, { mode: 0o755 });
  await buildLibrary(root, folder);
  // The package around it is one of ES modules.
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: 'tokenward', version, type: 'commonjs', exports: libraryExports })}\n`,
  );
  for (const [name, content] of Object.entries(await publishedFiles(root)))
    await writeFile(join(folder, name), content);
  await copyNativeParts(platform, join(root, 'node_modules'), folder);
  await cp(join(root, 'systemd'), join(folder, 'systemd'), { recursive: true });
  await writeManPages(join(folder, 'man'), version);
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), await thirdPartyLicenses(metafile, root));
}

if (import.meta.main) await build(join(root, 'dist'));
