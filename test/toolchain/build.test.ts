import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, entries } from '../../scripts/build.ts';

const run = promisify(execFile);

/** Uses what is hard to bundle: a native part, a package that wants `import.meta`, and a lazy import. */
const program = `
import koffi from 'koffi';
import yargs from 'yargs';

const pid = koffi.load(null).func('int getpid()')() === process.pid;
const { name } = yargs(process.argv.slice(2)).option('name', { type: 'string' }).parseSync();
void import('yaml').then(({ parse }) => {
  const { dirname: folder } = import.meta;
  console.log(JSON.stringify({ pid, name, yaml: parse('a: 1').a, folder, version: TOKENWARD_VERSION }));
});
`;

const child = `
void import('keytar').then(() => console.log('loaded'), (error) => console.log(error.message));
`;

async function manifest(path: string): Promise<{ readonly exports: object }> {
  return JSON.parse(await readFile(path, 'utf8')) as { exports: object };
}

describe('the build', () => {
  let folder: string;
  let dist: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-build-'));
    dist = join(folder, 'dist');
    await symlink(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'program.ts'), program);
    await writeFile(join(folder, 'child.ts'), child);
    await build(dist, { program: join(folder, 'program.ts'), child: join(folder, 'child.ts') });
    // What is left must stand alone.
    await rm(join(folder, 'node_modules'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('makes a file that runs by itself, with its native parts beside it', async () => {
    const { stdout } = await run(process.execPath, [join(dist, 'program.js'), '--name', 'web-01']);
    const version = expect.stringMatching(/^\d+\.\d+\.\d+$/) as string;
    expect(JSON.parse(stdout)).toEqual({ pid: true, name: 'web-01', yaml: 1, folder: dist, version });
  });

  it('lets keytar find its own part; what may be missing is the libsecret of the host', async () => {
    const { stdout } = await run(process.execPath, [join(dist, 'child.js')]);
    expect(stdout).toMatch(/^(loaded|libsecret-1\.so\.0: cannot open shared object file.*)\n$/);
  });

  it('is ASCII: one other character, be it in a comment, and V8 keeps the whole text in twice the memory', async () => {
    const whole = join(folder, 'whole');
    await build(whole, entries);
    for (const name of Object.keys(entries)) {
      const bytes = await readFile(join(whole, `${name}.js`));
      expect(
        bytes.findIndex((byte) => byte > 0x7f),
        name,
      ).toBe(-1);
    }
  });

  it('is a package of which programs import `tokenward/client`, as of the repository', async () => {
    const { exports } = await manifest(join(dist, 'package.json'));
    const ofRepository = (await manifest(join(import.meta.dirname, '../../package.json'))).exports;
    const moved = JSON.stringify(exports).replaceAll('./client.', './dist/client.');
    expect(JSON.parse(moved)).toEqual(ofRepository);
    await writeFile(
      join(dist, 'user.mjs'),
      `import { createTokenClient } from 'tokenward/client';
      console.log(typeof createTokenClient().getToken);`,
    );
    const { stdout } = await run(process.execPath, [join(dist, 'user.mjs')]);
    expect(stdout).toBe('function\n');
  });

  it('puts the descriptions of the API and of the configuration beside the program', async () => {
    for (const name of ['openapi.json', 'config.schema.json']) {
      const made = await readFile(join(dist, name), 'utf8');
      expect(made === (await readFile(join(import.meta.dirname, '../..', name), 'utf8')), name).toBe(true);
    }
  });

  it('gives the licences of what it copied', async () => {
    const text = await readFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['koffi', '@github/keytar', 'yargs', 'yaml']) {
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|ISC)\\)$`, 'm'));
    }
    expect(text).toContain('Permission is hereby granted');
  });
});
