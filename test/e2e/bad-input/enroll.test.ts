import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { Kept } from './kept.ts';
import { expectTold, type Told } from './told.ts';

let kept: Kept;
let site: Installation;
let adminToken: string;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
  adminToken = (await readFile(site.adminTokenFile, 'utf8')).trimEnd();
});

afterAll(() => kept[Symbol.asyncDispose]());

/** Nothing was created at the server, and nothing changed here. */
async function expectNoSecret(args: readonly string[], told: Told, stdin = ''): Promise<void> {
  const before = Object.keys(site.emulator.state().secrets);
  const ran = await site.cli(['enroll', site.agent, ...args], { stdin });
  expectTold(ran, told);
  expect(ran.stdout + ran.stderr).not.toContain(adminToken);
  expect(Object.keys(site.emulator.state().secrets)).toEqual(before);
  await kept.unharmed();
}

const notRead = { code: 'SECRET_INPUT_INVALID', exitCode: 64 } as const;

describe("the file with the administrator's credential", () => {
  it.each<[what: string, put: (file: string) => Promise<unknown>, says: string[]]>([
    ['is not there', async () => {}, ['there is no file', 'correct the path']],
    ['is a folder', (file) => mkdir(file), ['is a folder; name the file']],
    ['is empty', (file) => writeFile(file, '', { mode: 0o600 }), ['is empty']],
    ['has two lines', (file) => writeFile(file, 'a\nb\n', { mode: 0o600 }), ['a line break']],
    [
      'can be read by everybody',
      async (file) => {
        await writeFile(file, adminToken);
        await chmod(file, 0o644);
      },
      ['everybody may read', 'run: chmod 0600', 'think of renewing'],
    ],
  ])('%s', async (what, put, says) => {
    const file = join(site.folder, what.replaceAll(' ', '-'));
    await put(file);
    await expectNoSecret(['--admin-token-file', file, '--name', 'new'], {
      ...notRead,
      says: [file, ...says],
    });
  });

  it('is not named, and there is no terminal', async () => {
    const says = [
      'no terminal',
      '`tokenward enroll web-01 --admin-token-file FILE`, with - for standard input',
    ];
    await expectNoSecret([], { code: 'USAGE', exitCode: 64, says });
  });

  it('holds a wrong one', async () => {
    const says = ['create the secret new', 'answered 403', 'use an admin credential that is valid'];
    const args = ['--admin-token-file', '-', '--name', 'new'];
    await expectNoSecret(args, { code: 'SERVER_REFUSED', exitCode: 77, says }, 'not-the-administrator');
  });
});

const asAdmin = () => ['--admin-token-file', site.adminTokenFile];

it('a name that the server has already', async () => {
  const says = ['create the secret web-01', 'already exists', '`tokenward enroll web-01 --name web-01-2`'];
  await expectNoSecret(asAdmin(), { code: 'SERVER_REFUSED', exitCode: 77, says });
});

it('a store that could not take the secret: none is created', async () => {
  await site.configure({ top: { state_dir: join(site.folder, 'no', 'state') } });
  const says = ['no/state', 'install -d -m 0700'];
  await expectNoSecret([...asAdmin(), '--name', 'new'], { code: 'STATE_DIR_UNUSABLE', exitCode: 78, says });
});

it('a server that is not there', async () => {
  await site.configure();
  await site.emulator.pause();
  const says = ['refused the connection', 'is the port in url right?'];
  await expectNoSecret([...asAdmin(), '--name', 'new'], { code: 'SERVER_UNREACHABLE', exitCode: 69, says });
  await site.emulator.resume();
});

describe.each([
  [
    '404',
    { kind: 'status', status: 404, body: 'empty' },
    'SERVER_MISCONFIGURED',
    ['url the address of this API'],
  ],
  [
    'a redirect',
    { kind: 'redirect', location: 'https://elsewhere.example.com' },
    'SERVER_MISCONFIGURED',
    ['set url'],
  ],
] as const)('%s', (_what, fault, code, says) => {
  it('is told', async () => {
    site.emulator.addFault(fault);
    await expectNoSecret([...asAdmin(), '--name', 'new'], { code, exitCode: 69, says });
  });
});

it('then all goes on as before', () => kept.goesOn());
