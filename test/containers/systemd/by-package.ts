import { basename, dirname } from 'node:path';
import { productPackage } from '../support/product-package.ts';
import type { WayOfInstallation } from './host.ts';

/** The Debian package of the source as it is now. `options` are further arguments of `docker run`. */
export async function installedByPackage(
  options: readonly string[] = [],
): Promise<WayOfInstallation & AsyncDisposable> {
  const path = await productPackage();
  return {
    options: [`--volume=${dirname(path)}:/srv/package:ro`, ...options],
    program: '/usr/bin/tokenward',
    examples: '/usr/share/doc/tokenward/examples/systemd',
    install: async (host) => void (await host.run('dpkg', '--install', `/srv/package/${basename(path)}`)),
    async [Symbol.asyncDispose]() {
      // the package is for all tests of this run
    },
  };
}
