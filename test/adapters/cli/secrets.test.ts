import { readFileSync, statSync, existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeDaemon, problem, statusAnswer } from '../client/fake-daemon.ts';
import { adminToken, authority, HttpsEmulator } from '../emulator/https-emulator.ts';
import { Stage, type Ended } from './stage.ts';

/** Secrets at a real server, by an administrator. */

let server: HttpsEmulator;

beforeAll(async () => {
  server = await HttpsEmulator.start();
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(() => server.emulator.reset());

function setStage(): Stage {
  return new Stage({ url: server.emulator.url, ca: authority.cert });
}

/** The credential is on standard input. */
function run(stage: Stage, line: string): Promise<Ended> {
  return stage.run(['secrets', ...line.split(' '), '--admin-token-file', '-'], { input: adminToken });
}

const named = () => server.emulator.state().secrets;

describe('secrets list', () => {
  it('is a table, and a document for a program', async () => {
    using stage = setStage();
    server.emulator.createSecret('web-01');
    const table = await run(stage, 'list --agent web-01');
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/^NAME +STATUS +MODIFIED +ID\nweb-01 +ACTIVE +\d{4}-\S+Z +\S+\n$/);
    const { stdout } = await run(stage, 'list --agent web-01 --json');
    expect(JSON.parse(stdout)).toEqual({
      agent: 'web-01',
      secrets: [
        {
          id: expect.any(String) as string,
          name: 'web-01',
          status: 'ACTIVE',
          modified_at: expect.stringMatching(/Z$/) as string,
        },
      ],
    });
  });

  it('needs to know at which server', async () => {
    using stage = setStage();
    const { code, stderr } = await run(stage, 'list');
    expect(code).toBe(64);
    expect(stderr).toContain(
      'the servers of 2 agents can list secrets; name one with --agent: web-01, web-02',
    );
  });
});

describe('secrets create', () => {
  it('writes the secret into a new file of this user alone, and shows it nowhere', async () => {
    using stage = setStage();
    const { code, stdout, stderr } = await run(stage, 'create web-07 --agent web-01 --out new.secret');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('web-07: created, its secret is in new.secret\n');
    expect(statSync(stage.path('new.secret')).mode & 0o777).toBe(0o600);
    const secret = readFileSync(stage.path('new.secret'), 'utf8');
    expect(server.emulator.honours(secret.replace(/\n$/, ''))).toBe(true);
  });

  it('finds out that the file cannot be made before it asks the server', async () => {
    using stage = setStage();
    stage.write('there.secret', 'precious');
    const there = await run(stage, 'create web-07 --agent web-01 --out there.secret');
    expect(there.stderr).toContain('there.secret is there already, and is not overwritten');
    const nowhere = await run(stage, 'create web-07 --agent web-01 --out nowhere/new.secret');
    expect(nowhere.stderr).toContain('there is no folder in which nowhere/new.secret could be');
    expect([there.code, nowhere.code, named()]).toEqual([64, 64, {}]);
    expect(readFileSync(stage.path('there.secret'), 'utf8')).toBe('precious');
  });

  it('leaves no file where the server made nothing', async () => {
    using stage = setStage();
    server.emulator.createSecret('web-07');
    const { code, stderr } = await run(stage, 'create web-07 --agent web-01 --out new.secret');
    expect(code).toBe(77);
    expect(stderr).toContain('or choose another name: `tokenward secrets create web-07-2 --agent web-01`');
    expect(existsSync(stage.path('new.secret'))).toBe(false);
  });

  it('prints the secret where that is asked for', async () => {
    using stage = setStage();
    const { code, stdout } = await run(stage, 'create web-07 --agent web-01 --print');
    expect(code).toBe(0);
    expect(server.emulator.honours(stdout)).toBe(true);
    const { stdout: json } = await run(stage, 'create web-08 --agent web-01 --print --json');
    const { secret } = JSON.parse(json) as { secret: string };
    expect(server.emulator.honours(secret)).toBe(true);
  });

  it('hands it over to an agent, and says how to get rid of it where that fails', async () => {
    using stage = setStage();
    const { code, stdout } = await run(stage, 'create web-01-b --into-agent web-01');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^web-01: stored/) as string,
    });
    await using daemon = await FakeDaemon.listen(stage.socket, ({ method, body }) => {
      if (method === 'GET') return { status: 200, body: statusAnswer() };
      return body === '' ? problem(400, 'SECRET_INPUT_INVALID') : problem(503, 'STORE_LOCKED');
    });
    const failed = await run(stage, 'create web-01-c --into-agent web-01');
    expect(failed.code).toBe(75);
    expect(failed.stderr).toMatch(
      /created the secret web-01-c, but nobody has it: .*`tokenward secrets revoke web-01-c --agent web-01`/,
    );
    expect(failed.stdout + failed.stderr).not.toContain(daemon.requests.at(-1)?.body);
  });

  it.each([
    ['create web-07 --agent web-01', /name the one place where it goes: --out FILE/],
    ['create web-07 --agent web-01 --print --out x', /name the one place where it goes/],
    ['create --agent web-01 --print', /takes the name of one secret/],
    ['list --agent web-01 --print', /--print is for `secrets create`, and means nothing to list/],
    ['list web-01 --agent web-01', /secrets list takes no names/],
  ])('refuses %j', async (line, told) => {
    using stage = setStage();
    const { code, stderr } = await run(stage, line);
    expect(code).toBe(64);
    expect(stderr).toMatch(told);
    expect(named()).toEqual({});
  });
});

describe('secrets revoke', () => {
  it('revokes one after the other, and goes on after a name that the server does not know', async () => {
    using stage = setStage();
    const secret = server.emulator.createSecret('web-01');
    const { code, stdout } = await run(stage, 'revoke nobody web-01 --agent web-01 --yes');
    expect(code).toBe(77);
    expect(stdout).toMatch(/^nobody\tfailed: cannot revoke the secret nobody: .*\nweb-01\trevoked\n$/);
    expect(server.emulator.honours(secret)).toBe(false);
  });

  it('says before what it does, and that tokens live on', async () => {
    using stage = setStage();
    const { stdout } = await run(stage, 'revoke web-01 --agent web-01 --dry-run');
    expect(stdout).toContain('tokens that were issued already stay valid until they expire');
    expect(stdout).toContain('web-01 is an agent of this configuration');
  });
});
