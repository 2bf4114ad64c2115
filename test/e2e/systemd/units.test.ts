import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { describePart } from '../../support/parts.ts';
import { type Ran, runProgram } from '../../support/run-program.ts';

/** The most that `systemd-analyze security` may say, times ten. */
const mostExposure = 15;

function install(...args: readonly string[]): Promise<Ran> {
  return runProgram(inject('node'), [inject('program'), 'install-systemd', ...args]);
}

describePart(['systemd'], 'the units, as they are put in place', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-units-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are a folder for a package, which a second time changes nothing', async () => {
    const root = join(folder, 'pkg');
    const first = await install('--root', root);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toContain(`wrote ${root}/usr/lib/systemd/system/tokenward.service\n`);
    expect(first.stdout).toContain('the folder is ready to be packed');
    const again = await install('--root', root);
    expect(again).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^everything else was in place/) as string,
    });
    const { mode } = await stat(join(root, 'etc/tokenward/config.yaml'));
    expect(mode & 0o777).toBe(0o644);
  });

  it('come and go, and what was edited stays', async () => {
    const root = join(folder, 'edited');
    await install('--root', root);
    const config = join(root, 'etc/tokenward/config.yaml');
    const unit = join(root, 'usr/lib/systemd/system/tokenward.service');
    const text = await readFile(unit, 'utf8');
    await writeFile(config, 'agents: {}\n');
    await writeFile(unit, 'old\n');
    const update = await install('--root', root);
    expect(update.stdout).toContain(`kept, as it is not as it was put in place: ${config}\n`);
    expect(update.stdout).toContain(`replaced ${unit}\n`);
    expect(await readFile(unit, 'utf8')).toBe(text);
    const preview = await install('--root', root, '--uninstall', '--dry-run');
    expect(preview.stdout).toContain(`would remove ${unit}\n`);
    expect(await readFile(unit, 'utf8')).toBe(text);
    expect(await install('--root', root, '--uninstall')).toMatchObject({ exitCode: 0 });
    const left = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(left.map(({ name }) => name)).toEqual(['config.yaml']);
    expect(await readFile(config, 'utf8')).toBe('agents: {}\n');
  });

  it('are taken by systemd without a word', async () => {
    const root = join(folder, 'verified');
    const program = inject('program');
    await install('--root', root, '--program', program, '--node', inject('node'));
    const system = join(root, 'usr/lib/systemd/system');
    // Programs of packages that need not be here.
    const keyring = join(system, 'tokenward-keyring.service');
    await writeFile(keyring, (await readFile(keyring, 'utf8')).replace('/usr/bin/dbus-daemon', '/bin/true'));
    const units = (await readdir(system)).map((name) => join(system, name));
    expect(await runProgram('systemd-analyze', ['verify', '--man=no', ...units])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('with every drop-in of the examples, too', async () => {
    const root = join(folder, 'dropped');
    await install('--root', root, '--program', inject('program'), '--node', inject('node'));
    const system = join(root, 'usr/lib/systemd/system');
    const examples = join(dirname(inject('program')), 'systemd/examples');
    for (const name of ['tokenward.service.d', 'tokenward.socket.d'])
      await cp(join(examples, name), join(system, name), { recursive: true });
    const units = ['tokenward.service', 'tokenward.socket'].map((name) => join(system, name));
    expect(await runProgram('systemd-analyze', ['verify', '--man=no', ...units])).toMatchObject({
      stderr: '',
    });
  });

  it.each(['tokenward.service', 'tokenward-keyring.service'])('expose little: %s', async (name) => {
    const unit = join(dirname(inject('program')), 'systemd', name);
    const args = ['security', '--offline=yes', `--threshold=${mostExposure}`, unit];
    const { exitCode, stdout } = await runProgram('systemd-analyze', args);
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/Overall exposure level/);
  });

  it('of a user are taken by its manager', async () => {
    const root = join(folder, 'user');
    await install('--root', root, '--program', inject('program'), '--node', inject('node'));
    const user = join(root, 'usr/lib/systemd/user');
    const units = ['tokenward.service', 'tokenward.socket'].map((name) => join(user, name));
    const env = { PATH: process.env['PATH'] ?? '', XDG_RUNTIME_DIR: folder, HOME: folder };
    expect(
      await runProgram('systemd-analyze', ['--user', 'verify', '--man=no', ...units], { env }),
    ).toMatchObject({ stderr: '' });
  });
});

it('a program that the sandbox hides, and a mix of purposes, are refused with what to do', async () => {
  expect(await install('--root', '/x', '--user')).toMatchObject({ exitCode: 64 });
  expect(await install('--user', '--program', 'dist/tokenward.js')).toMatchObject({
    exitCode: 64,
    stderr: expect.stringContaining('no absolute path') as string,
  });
  expect(await install('--dry-run', '--program', '/home/x/tokenward.js')).toMatchObject({ exitCode: 64 });
});
