import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { packageDeb } from '../../../scripts/package-deb.ts';
import { describePart } from '../../support/parts.ts';
import { runProgram } from '../../support/run-program.ts';
import { productPackage } from '../support/product-package.ts';

const root = join(import.meta.dirname, '../../..');

async function output(program: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(program, args);
  if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}: ${stderr}${stdout}`);
  return stdout;
}

describePart(['debhelper', 'dpkg-dev', 'lintian'], 'the Debian package', () => {
  let path: string;
  let files: readonly { readonly mode: string; readonly owner: string; readonly path: string }[];

  beforeAll(async () => {
    path = await productPackage();
    const listing = await output('dpkg-deb', '--contents', path);
    files = listing
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [mode = '', owner = '', , , , ...name] = line.split(/\s+/);
        return { mode, owner, path: name.join(' ').replace(/^\./, '') };
      });
  });

  const field = async (name: string): Promise<string> =>
    (await output('dpkg-deb', '--field', path, name)).trim();

  it('is without fault to lintian, but for what its overrides give a reason for', async () => {
    expect(await output('lintian', '--allow-root', '--fail-on=error,warning', path)).toBe('');
  }, 300_000);

  it('has the version of the program, and depends on little', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await field('Version')).toMatch(new RegExp(`^${RegExp.escape(version)}-\\d+$`));
    const depends = (await field('Depends')).split(/, | \| /).map((entry) => entry.replace(/ .*/, ''));
    expect(depends.toSorted().join(' ')).toBe(
      'init-system-helpers libc6 libgcc-s1 libstdc++6 systemd systemd-standalone-sysusers systemd-sysusers',
    );
  });

  it('has everything in its place, and all of it belongs to root', () => {
    expect(files.map((file) => file.path)).toEqual(
      expect.arrayContaining([
        '/etc/tokenward/config.yaml',
        '/lib/systemd/system/tokenward.service',
        '/lib/systemd/system/tokenward.socket',
        '/lib/systemd/system/tokenward-keyring.service',
        '/usr/lib/systemd/user/tokenward.service',
        '/usr/lib/sysusers.d/tokenward.conf',
        '/usr/lib/tmpfiles.d/tokenward.conf',
        '/usr/bin/tokenward',
        '/usr/lib/tokenward/node',
        '/usr/lib/tokenward/tokenward.js',
        '/usr/lib/tokenward/native/keytar.node',
        '/usr/share/bash-completion/completions/tokenward',
        '/usr/share/zsh/vendor-completions/_tokenward',
        '/usr/share/fish/vendor_completions.d/tokenward.fish',
        '/usr/share/man/man1/tokenward.1.gz',
        '/usr/share/man/man5/tokenward-config.5.gz',
        '/usr/share/doc/tokenward/copyright',
        '/usr/share/doc/tokenward/changelog.Debian.gz',
        '/usr/share/doc/tokenward/NODE-LICENSE.gz',
        '/usr/share/doc/tokenward/examples/config.yaml',
        '/usr/share/doc/tokenward/examples/systemd/tokenward.service.d/keyring.conf',
      ]),
    );
    expect(files.filter(({ owner }) => owner !== 'root/root')).toEqual([]);
    const programs = files.filter(({ mode }) => mode.startsWith('-') && mode.includes('x'));
    expect(programs.map((file) => file.path)).toEqual(['/usr/bin/tokenward', '/usr/lib/tokenward/node']);
  });

  it('installs as much as docs/debian-package.md says', async () => {
    const page = await readFile(join(root, 'docs/debian-package.md'), 'utf8');
    const stated = Number(/installed it takes (\d+) MB/.exec(page)?.[1]);
    expect((Number(await field('Installed-Size')) * 1024) / 1e6).toBeLessThanOrEqual(stated);
  });

  it('is the same, byte for byte, when it is made again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-again-'));
    try {
      const again = await packageDeb(folder, { quick: true });
      expect((await stat(again)).size).toBe((await stat(path)).size);
      expect(await sha256(again)).toBe(await sha256(path));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 300_000);
});

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
