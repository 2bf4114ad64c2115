import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildLibrary } from '../../../../scripts/build/library.ts';
import { eventually } from '../../../support/eventually.ts';
import { Site } from './site.ts';

/** The programs of `docs/client.md`, in a package of their own name: they import `tokenward/client` as built. */

const root = join(import.meta.dirname, '../../../..');
const run = promisify(execFile);
const examples = new Map<string, string>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-client-'));
  await mkdir(join(folder, 'dist'));
  await buildLibrary(root, join(folder, 'dist'));
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const page = await readFile(join(root, 'docs/client.md'), 'utf8');
  for (const [, name = '', text = ''] of page.matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g))
    examples.set(name, text);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, origin: string): Promise<string> {
  const text = examples.get(name) ?? '';
  await writeFile(join(folder, name), text.replace('https://logs.example:9543', origin));
  return join(folder, name);
}

it('the programs of the page fit the types, also with libraries checked', async () => {
  const files = await Promise.all([...examples.keys()].map((name) => written(name, 'https://logs.example')));
  expect(files).toHaveLength(3);
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--types', 'node', '--target', 'es2025'];
  const all = [...options, '--lib', 'es2025,esnext.disposable', '--module', 'nodenext', ...files];
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await run(tsc, all, { cwd: folder }).catch((error: Error & { stdout: string }) => {
    throw new Error(`the programs do not compile: ${error.stdout}`, { cause: error });
  });
  expect(stdout).toBe('');
});

it.each(['fetch.ts', 'request.ts'])('%s is answered with the newer token', async (name) => {
  await using site = await Site.begin();
  const server = await site.server('second');
  const file = await written(name, server.origin);
  const running = run(process.execPath, [file], { env: { TOKENWARD_SOCKET: site.daemon.path } });
  await eventually(() => expect(site.agent.rejections).toHaveLength(1));
  site.agent.publish('second');
  expect((await running).stdout).toBe('200 taken\n');
  expect(server.seen.map(({ token }) => token)).toEqual(['Bearer first', 'Bearer second']);
});

it('worker.ts tells each token and ends when it is told to', async () => {
  await using site = await Site.begin();
  const file = await written('worker.ts', '');
  const env = { TOKENWARD_SOCKET: site.daemon.path };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  try {
    await eventually(() => expect(told).toMatch(/^token 1 until 2026-/));
    site.agent.publish('second');
    await eventually(() => expect(told).toMatch(/\ntoken 2 until 2026-/));
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});
