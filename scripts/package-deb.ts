/**
 * `npm run package:deb`: packages/tokenward_VERSION_ARCHITECTURE.deb of the source as it is, with the Node that runs this. Debian's debhelper
 * does it, from what is put into its place here. `--quick` compresses little, for tests.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build } from './build.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/** Where the program lies on a host, as the units say. */
const home = 'usr/lib/tokenward';

/** In place of a line that only an executable needs: lines keep their numbers. */
const NO_SHEBANG = '//\n';

/** A shell between, because no one name of Node would be right on every host. */
const starter = `#!/bin/sh
exec /${home}/node --disable-sigusr1 /${home}/tokenward.js "$@"
`;

const completions = {
  bash: 'usr/share/bash-completion/completions/tokenward',
  zsh: 'usr/share/zsh/vendor-completions/_tokenward',
  fish: 'usr/share/fish/vendor_completions.d/tokenward.fish',
} as const;

export interface PackageOptions {
  /** Little compression: seconds in place of a minute, and twice the size. */
  readonly quick: boolean;
}

/** Makes the package in `folder` and resolves to its path. The same source, Node and `SOURCE_DATE_EPOCH` give the same bytes. */
export async function packageDeb(folder: string, { quick }: PackageOptions): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'tokenward-deb-'));
  try {
    const tree = join(scratch, 'tokenward');
    await cp(join(root, 'debian'), join(tree, 'debian'), { recursive: true });
    await cp(join(root, 'CHANGELOG.md'), join(tree, 'CHANGELOG.md'));
    const env = { ...process.env, SOURCE_DATE_EPOCH: await epochOf(tree) };
    // the man pages bear it too
    process.env['SOURCE_DATE_EPOCH'] = env.SOURCE_DATE_EPOCH;
    await fill(tree);
    await run('dpkg-buildpackage', ['--build=binary', '--no-sign', '--no-check-builddeps'], {
      cwd: tree,
      env: { ...env, DEB_COMPRESSION: quick ? '-Zgzip -z1' : '-Zxz', DEB_BUILD_OPTIONS: 'nocheck' },
      maxBuffer: 64 * 1024 * 1024,
    });
    const [name] = (await readdir(scratch)).filter((file) => file.endsWith('.deb'));
    if (name === undefined) throw new Error('dpkg-buildpackage made no package');
    await mkdir(folder, { recursive: true });
    await cp(join(scratch, name), join(folder, name));
    return join(folder, name);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The moment that every file and page of the package bears: that of its newest changelog entry. */
async function epochOf(tree: string): Promise<string> {
  const { stdout } = await run('dpkg-parsechangelog', ['--show-field', 'Timestamp'], { cwd: tree });
  return process.env['SOURCE_DATE_EPOCH'] ?? stdout.trim();
}

/** Puts what is to be installed into `tree/stage`, and the man pages, which debhelper compresses, into `tree/man`. */
async function fill(tree: string): Promise<void> {
  const stage = join(tree, 'stage');
  const program = join(stage, home);
  const documents = join(stage, 'usr/share/doc/tokenward');
  await mkdir(documents, { recursive: true });
  await build(program);
  const tokenward = (...args: string[]): Promise<{ stdout: string }> =>
    run(process.execPath, [join(program, 'tokenward.js'), ...args]);
  await tokenward('install-systemd', '--root', stage);
  for (const [shell, path] of Object.entries(completions)) {
    await mkdir(join(stage, path, '..'), { recursive: true });
    await writeFile(join(stage, path), (await tokenward('completion', shell)).stdout);
  }
  await cp(process.execPath, join(program, 'node'));
  await chmod(join(program, 'node'), 0o755);
  await rename(join(program, 'man'), join(tree, 'man'));
  // What it is for is done: the units are in place.
  await rm(join(program, 'systemd'), { recursive: true });
  await rename(join(program, 'THIRD-PARTY-LICENSES.txt'), join(documents, 'THIRD-PARTY-LICENSES.txt'));
  await writeFile(join(documents, 'NODE-LICENSE'), await nodeLicense());
  await cp(join(root, 'config.example.yaml'), join(documents, 'examples/config.yaml'));
  await dropShebangs(program);
  await mkdir(join(stage, 'usr/bin'), { recursive: true });
  await writeFile(join(stage, 'usr/bin/tokenward'), starter, { mode: 0o755 });
}

/** The starter calls them by name. */
async function dropShebangs(program: string): Promise<void> {
  for (const name of await readdir(program)) {
    if (!name.endsWith('.js')) continue;
    const text = await readFile(join(program, name), 'utf8');
    await writeFile(join(program, name), text.replace(/^#!.*\n/, NO_SHEBANG));
    await chmod(join(program, name), 0o644);
  }
}

/** The `node` package has the binary alone; the one that it takes it from has its licence too, and is in npm's cache by then. */
async function nodeLicense(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-node-'));
  try {
    const name = `node-linux-${process.arch}@${process.versions.node}`;
    const pack = ['pack', '--silent', '--prefer-offline', '--pack-destination', folder, name];
    const { stdout } = await run('npm', pack, { cwd: folder });
    const tar = ['--extract', '--to-stdout', '--file', join(folder, stdout.trim()), 'package/LICENSE'];
    return (await run('tar', tar, { maxBuffer: 16 * 1024 * 1024 })).stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
  const path = await packageDeb(join(root, 'packages'), values);
  process.stdout.write(`${path}\n`);
}
