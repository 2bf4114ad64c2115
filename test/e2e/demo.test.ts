import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { keyringParts, TestKeyring } from '../support/keyring.ts';
import { describePart } from '../support/parts.ts';
import { processes } from '../support/processes.ts';
import { describeRoot, strangers } from '../support/root.ts';
import { plainEnv, runProgram, type RunOptions } from '../support/run-program.ts';

/** `npm run demo`, without the build before it. */

let folder: string;

/** The demo's temporary files all lie in there. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-e2e-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const command = (...args: string[]) => [inject('program'), 'demo', ...args];

async function demo(env: Readonly<Record<string, string>> = {}, options: RunOptions = {}) {
  const from = performance.now();
  const ran = await runProgram(inject('node'), command(), {
    ...options,
    env: { ...plainEnv, TMPDIR: folder, ...env },
  });
  return { ...ran, tookMs: performance.now() - from };
}

/** No file in the folder for temporary ones, and no process that was told a path in there. */
async function expectNothingLeft(): Promise<void> {
  expect(await readdir(folder)).toEqual([]);
  const left = (await processes()).filter(({ command: words }) =>
    words.some((word) => word.includes(folder)),
  );
  expect(left).toEqual([]);
}

/** As long as a secret (43 characters) or a token (64), and in their alphabet. */
const likeACredential = /(?<![\w-])[\w-]{43,}(?![\w-])/g;

describe('the demo', () => {
  it('tells its story in less than 40 seconds, shows no token and leaves nothing', async () => {
    const { exitCode, stdout, stderr, tookMs } = await demo();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(tookMs).toBeLessThan(40_000);
    expect(stdout).toContain('Secrets will be kept in a sealed file');
    expect(stdout).toContain('$ curl --silent --unix-socket');
    expect(stdout).toContain('Exchanges caused by the restart: 0.');
    expect(stdout).toContain('alert SECRET_REVOKED (critical)');
    expect(stdout).toMatch(/What was shown\n\n( {4}\w.*\n)+\n$/);
    expect(stdout.match(likeACredential)).toBeNull();
    await expectNothingLeft();
  });

  it('does without curl', async () => {
    await mkdir(join(folder, 'empty'));
    const { exitCode, stdout } = await demo({ PATH: join(folder, 'empty') });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('curl is not installed here');
    await rm(join(folder, 'empty'), { recursive: true });
    await expectNothingLeft();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('kept running, can be used and tidies up at %s', async (signal) => {
    const child = spawn(inject('node'), command('--keep'), { env: { ...plainEnv, TMPDIR: folder } });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (output += piece.toString()));
    await eventually(() => expect(output).toContain('Ctrl-C ends it'), { withinMs: 40_000 });

    const [, config = ''] = /export TOKENWARD_CONFIG=(.*)/.exec(output) ?? [];
    const [, agent = ''] = /tokenward refresh (.*)/.exec(output) ?? [];
    const env = { ...plainEnv, TOKENWARD_CONFIG: config };
    const token = await runProgram(inject('node'), [inject('program'), 'token', agent], { env });
    expect(token).toMatchObject({ exitCode: 0, stderr: '' });
    expect(token.stdout).toMatch(likeACredential);
    expect(output.match(likeACredential)).toBeNull();
    const [, curl = ''] = /^ *(curl --silent --unix-socket .*)$/m.exec(output) ?? [];
    const asked = await runProgram('sh', ['-c', curl]);
    expect(JSON.parse(asked.stdout)).toMatchObject({ access_token: expect.any(String) as string, agent });

    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    await expectNothingLeft();
  });

  const moments: readonly (readonly [string, (output: string) => Promise<boolean>])[] = [
    ['while it prepares', async () => (await readdir(folder)).length > 0],
    ['while a command runs', async (output) => output.includes('$ tokenward enroll')],
    ['while its daemon starts', async (output) => output.includes('Run the daemon')],
    ['while its daemon is killed', async (output) => output.includes('Kill the daemon')],
  ];

  it.each(moments)('tidies up when it is interrupted %s', async (_, isThere) => {
    const child = spawn(inject('node'), command(), { env: { ...plainEnv, TMPDIR: folder } });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
    await eventually(async () => expect(await isThere(output)).toBe(true), { withinMs: 40_000 });
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(output).not.toContain('What was shown');
    await expectNothingLeft();
  });
});

describePart(keyringParts, 'the demo with a keychain', () => {
  it('says so, and leaves nothing in it', async () => {
    await using keyring = await TestKeyring.start();
    const { exitCode, stdout } = await demo(keyring.env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Secrets will be kept in the OS keychain');
    expect(await keyring.items()).toEqual([]);
    await expectNothingLeft();
  });
});

describeRoot('the demo without root', () => {
  it('is the same', async () => {
    await chown(folder, strangers.alice, strangers.alice);
    const as = { uid: strangers.alice, gid: strangers.alice };
    const { exitCode, stderr } = await demo({}, { ...as, cwd: folder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    await expectNothingLeft();
  });
});
