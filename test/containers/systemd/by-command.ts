import { chmod, copyFile, link, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../../scripts/build.ts';
import type { WayOfInstallation } from './host.ts';

/** The build of now and the Node of this machine in /opt/tokenward, and `tokenward install-systemd`. */
export async function installedByCommand(): Promise<WayOfInstallation & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-systemd-'));
  await build(join(folder, 'dist'));
  await chmod(folder, 0o755);
  await link(process.execPath, join(folder, 'node')).catch(() =>
    copyFile(process.execPath, join(folder, 'node')),
  );
  return {
    options: [`--volume=${folder}:/opt/tokenward:ro`],
    program: '/usr/local/bin/tokenward',
    examples: '/opt/tokenward/dist/systemd/examples',
    async install(host) {
      const script = '#!/bin/sh\nexec /opt/tokenward/node /opt/tokenward/dist/tokenward.js "$@"\n';
      await host.write('/usr/local/bin/tokenward', script);
      await host.run('chmod', '0755', '/usr/local/bin/tokenward');
      await host.run('/usr/local/bin/tokenward', 'install-systemd');
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
