import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { plainEnv } from '../../support/run-program.ts';
import { FakeDaemon, problem, statusAnswer } from '../client/fake-daemon.ts';
import { adminToken, authority, HttpsEmulator } from '../emulator/https-emulator.ts';
import { main, Stage, type StageOptions } from './stage.ts';

/** Credentials typed at a real terminal, which script(1) of util-linux provides. */

interface Session {
  /** Everything that appeared on the terminal. */
  readonly screen: string;
  readonly code: number | null;
  /** What the daemon was handed. */
  readonly handedOver: readonly string[];
}

/** Types `keys` when the question has appeared. */
async function type(keys: string, args: readonly string[], options: StageOptions = {}): Promise<Session> {
  using stage = new Stage(options);
  await using daemon = await FakeDaemon.listen(stage.socket, ({ method, body }) => {
    if (method === 'GET' || body !== '') return { status: 200, body: statusAnswer() };
    return problem(400, 'SECRET_INPUT_INVALID');
  });
  const line = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
  const terminal = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty echo; ${line}; code=$?; stty -a; exit $code`, '/dev/null'],
    {
      cwd: stage.folder,
      env: { ...plainEnv, TOKENWARD_CONFIG: stage.config, SHELL: '/bin/sh' },
    },
  );
  let screen = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
  await eventually(() => expect(screen).toMatch(/(secret|credential) of .*: $/), { withinMs: 15_000 });
  terminal.stdin.write(keys);
  const [code] = (await once(terminal, 'close')) as [number | null];
  return { screen, code, handedOver: daemon.requests.map(({ body }) => body).filter((body) => body !== '') };
}

describe('the hidden prompt', () => {
  it.each([
    ['return', 'S3CRET\r', 'S3CRET'],
    ['newline', 'S3CRET\n', 'S3CRET'],
    ['end of input', 'S3CRET\u0004', 'S3CRET'],
    ['backspace', 'S3CRETxé\u007F\b\r', 'S3CRET'],
    ['Ctrl-U', 'wr0ng\u0015S3CRET\r', 'S3CRET'],
  ])('takes a line and shows nothing of it: %s', async (_key, keys, secret) => {
    const { screen, code, handedOver } = await type(keys, ['import', 'web-01']);
    expect(code).toBe(0);
    expect(handedOver).toEqual([secret]);
    expect(screen).toContain('web-01: granted');
    expect(screen).not.toMatch(/S3CRET|wr0ng/);
  });

  it('gives the terminal back as it was', async () => {
    const { screen } = await type('S3CRET\r', ['import', 'web-01']);
    expect(screen).toMatch(/ icanon /);
    expect(screen).toMatch(/ echo /);
  });

  it.each([
    ['several lines pasted at once', 'S3CRET\nrm -rf nothing\n', 'line break'],
    ['nothing', '\r', 'is empty'],
    ['an arrow key', 'S3C\u001B[ARET\r', 'control character'],
  ])('refuses %s', async (_what, keys, told) => {
    const { screen, code, handedOver } = await type(keys, ['import', 'web-01']);
    expect(code).toBe(64);
    expect(handedOver).toEqual([]);
    expect(screen).toContain(told);
    expect(screen).not.toMatch(/S3C|rm -rf/);
  });

  it('ends by the signal at Ctrl-C, with the terminal as it was', async () => {
    const { screen, code, handedOver } = await type('S3CRET\u0003', ['import', 'web-01']);
    expect(code).toBe(128 + 2);
    expect(handedOver).toEqual([]);
    expect(screen).toMatch(/ icanon /);
    expect(screen).not.toContain('S3CRET');
  });

  it('asks for the credential of the administrator', async () => {
    await using server = await HttpsEmulator.start();
    const options = { url: server.emulator.url, ca: authority.cert };
    const { screen, code, handedOver } = await type(`${adminToken}\r`, ['enroll', 'web-01'], options);
    expect(code).toBe(0);
    expect(handedOver).toHaveLength(1);
    expect(server.emulator.honours(handedOver[0] ?? '')).toBe(true);
    for (const hidden of [adminToken, handedOver[0]]) expect(screen).not.toContain(hidden);
  });
});
