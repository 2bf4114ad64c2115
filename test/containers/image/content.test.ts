import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../support/run-program.ts';
import { describeContainers, docker } from '../support/docker.ts';
import { dockerEnv } from '../support/docker.ts';
import { productImage } from '../support/product-image.ts';

interface Entry {
  readonly mode: string;
  readonly owner: string;
  readonly path: string;
}

/** Every file of the image, as `tar --list --verbose` has it. */
async function filesOf(image: string): Promise<Entry[]> {
  const id = await docker(['create', image]);
  try {
    const script = 'docker export "$0" | tar --list --verbose --numeric-owner';
    const { stdout } = await runProgram('bash', ['-o', 'pipefail', '-c', script, id], { env: dockerEnv() });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [mode = '', owner = '', , , , ...path] = line.split(/\s+/);
        return { mode, owner, path: `/${path.join(' ')}` };
      });
  } finally {
    await docker(['rm', id]);
  }
}

describeContainers('the image', () => {
  let image: string;
  let files: readonly Entry[];

  beforeAll(async () => {
    image = await productImage();
    files = await filesOf(image);
  });

  const inspect = (template: string): Promise<string> =>
    docker(['image', 'inspect', '--format', template, image]);

  it('is as small as docs/container.md says', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/container.md'), 'utf8');
    const stated = Number(/^The image has (\d+) MB/m.exec(page)?.[1]);
    expect(Number(await inspect('{{.Size}}')) / 1e6).toBeLessThanOrEqual(stated);
  });

  it('has three programs, and no shell, package manager or compiler', () => {
    const programs = files.filter(
      ({ mode, path }) =>
        /^[-l]..[xs]/.test(mode) && !/\/(dev|etc|lib\w*|opt\/tokenward\/native)\//.test(path),
    );
    expect(
      programs
        .map(({ path }) => path)
        .filter((path) => !path.startsWith('/opt/tokenward/'))
        .toSorted(),
    ).toEqual([
      '/.dockerenv',
      '/usr/local/bin/healthcheck',
      '/usr/local/bin/node',
      '/usr/local/bin/tokenward -> ../../../opt/tokenward/tokenward.js',
    ]);
  });

  it('gives its user nothing to write but state, sockets and scratch, and nobody a privilege', () => {
    const writable = files.filter(
      ({ mode, owner }) => owner === '10001/10001' || (mode[8] === 'w' && !mode.startsWith('l')),
    );
    expect(writable.map(({ path }) => path)).toEqual(['/run/tokenward/', '/tmp/', '/var/lib/tokenward/']);
    expect(files.filter(({ mode }) => /s/i.test(mode.slice(1)))).toEqual([]);
  });

  it('runs as a user without a name of its host, and says what it is', async () => {
    expect(await inspect('{{.Config.User}} {{json .Config.Cmd}}')).toBe('10001:10001 ["run"]');
    expect(JSON.parse(await inspect('{{json .Config.Labels}}'))).toMatchObject({
      'org.opencontainers.image.title': 'tokenward',
      'org.opencontainers.image.version': '0.1.0',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
    // what anonymous volumes would hide: a state folder that is lost with its container
    expect(await inspect('{{json .Config.Volumes}}')).toBe('null');
  });

  it('has a bill of materials with the Node that runs it, and the packages that libraries came from', async () => {
    const script = `const read = (path) => require('node:fs').readFileSync(path, 'utf8');
      const { metadata, components } = JSON.parse(read('/opt/tokenward/sbom.cdx.json'));
      const debian = require('node:fs').readdirSync('/var/lib/dpkg/status.d');
      console.log(JSON.stringify({ main: metadata.component.name, names: components.map(({ name }) => name), debian }));`;
    const { main, names, debian } = JSON.parse(
      await docker(['run', '--rm', '--entrypoint', 'node', image, '-e', script]),
    ) as Record<string, string[]>;
    expect(main).toBe('tokenward');
    expect(names).toEqual(
      expect.arrayContaining(['node', 'undici', 'pino', 'koffi', 'yargs', 'pino-pretty']),
    );
    expect(names).not.toContain('vitest');
    expect(debian).toEqual(['ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6']);
  });
});
