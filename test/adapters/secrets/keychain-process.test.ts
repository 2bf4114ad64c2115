import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askKeychain, type AskOptions } from '../../../src/secrets/keychain-process.ts';
import type { KeychainRequest } from '../../../src/secrets/keychain-protocol.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const request: KeychainRequest = {
  service: 'tokenward',
  probeAccount: 'a/probe',
  operation: { kind: 'write', account: 'a/current', value: 'c2VjcmV0' },
};
const { signal } = new AbortController();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-child-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs `source` in place of the keychain child. */
async function childOf(
  source: string,
  env: Record<string, string> = {},
): Promise<AskOptions & { clock: ManualClock }> {
  const script = join(folder, 'child.cjs');
  await writeFile(script, source);
  return {
    program: { execPath: process.execPath, script },
    env,
    clock: new ManualClock(),
    deadlineMs: 5_000,
  };
}

describe('what goes to the child', () => {
  it('is one line on its standard input, and an end only when the parent is through', async () => {
    const options = await childOf(`
      let input = '';
      process.stdin.on('end', () => { input += 'END'; });
      process.stdin.on('data', (chunk) => {
        input += chunk;
        setImmediate(() => console.log(JSON.stringify({ input, argv: process.argv.slice(2) })));
      });`);
    expect(await askKeychain(request, options, signal)).toEqual({
      input: `${JSON.stringify(request)}\n`,
      argv: [],
    });
  });

  it('is our environment, in English and without what is meant for the daemon alone', async () => {
    const env = {
      LANG: 'de_DE.UTF-8',
      NODE_OPTIONS: '--max-http-header-size=1',
      G_MESSAGES_DEBUG: 'all',
      DISPLAY: ':0',
    };
    const options = await childOf(
      'console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000);',
      env,
    );
    expect(await askKeychain(request, options, signal)).toEqual({
      LANG: 'de_DE.UTF-8',
      DISPLAY: ':0',
      LC_ALL: 'C.UTF-8',
    });
  });
});

describe('a child that does not answer', () => {
  it.each([
    ['ends', 'process.exit(3)', '(3)'],
    ['is killed', "process.kill(process.pid, 'SIGKILL')", '(SIGKILL)'],
    ['crashes', "throw new Error('secret inside')", '(1)'],
    ['ends in the middle of a line', "process.stdout.write('{', () => process.exit())", '(0)'],
    ['says something else', "console.log('Message: hello')", 'no answer that makes sense'],
  ])('%s: STORE_UNAVAILABLE', async (_what, source, text) => {
    const asked = askKeychain(request, await childOf(source), signal);
    await expect(asked).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(text) as string,
    });
  });

  it('cannot be started: STORE_UNAVAILABLE', async () => {
    const options = await childOf('');
    const program = { ...options.program, execPath: join(folder, 'missing') };
    const asked = askKeychain(request, { ...options, program }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { code: 'ENOENT' } });
  });

  it('hangs: STORE_HUNG at the deadline, not before', async () => {
    const options = await childOf('setInterval(() => {}, 1000);');
    let settled = false;
    const asked = askKeychain(request, options, signal).finally(() => {
      settled = true;
    });
    await options.clock.elapse(4_999);
    expect(settled).toBe(false);
    options.clock.advance(1);
    await expect(asked).rejects.toMatchObject({ code: 'STORE_HUNG', fields: { deadlineMs: 5_000 } });
    expect(options.clock.nextDueInMs()).toBeNull();
  });
});

describe('an abort', () => {
  it('before the start starts nothing', async () => {
    const options = await childOf('');
    const asked = askKeychain(request, options, AbortSignal.abort('too late'));
    await expect(asked).rejects.toBe('too late');
    expect(options.clock.nextDueInMs()).toBeNull();
  });

  it('in the middle ends the call with its reason', async () => {
    const options = await childOf('setInterval(() => {}, 1000);');
    const controller = new AbortController();
    const asked = askKeychain(request, options, controller.signal);
    controller.abort('shutting down');
    await expect(asked).rejects.toBe('shutting down');
    expect(options.clock.nextDueInMs()).toBeNull();
  });
});

it('takes an answer in pieces', async () => {
  const options = await childOf(`
    process.stdout.write('{"outcome":"done",');
    setImmediate(() => process.stdout.write('"values":["ü"]}\\n'));`);
  expect(await askKeychain(request, options, signal)).toEqual({ outcome: 'done', values: ['ü'] });
  expect(options.clock.nextDueInMs()).toBeNull();
});
