import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import {
  FakeDaemon,
  problem,
  statusAnswer,
  type FakeReply,
  type SeenRequest,
} from '../client/fake-daemon.ts';
import { adminToken, authority, HttpsEmulator } from '../emulator/https-emulator.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Creating a secret at a real server, and what becomes of it then. */

let server: HttpsEmulator;

beforeAll(async () => {
  server = await HttpsEmulator.start();
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(() => server.emulator.reset());

function setStage(options: StageOptions = {}): Stage {
  return new Stage({ url: server.emulator.url, ca: authority.cert, ...options });
}

/** A daemon that answers the proof as it should, and the hand-over with `reply`. */
function taking(reply: FakeReply, status = statusAnswer()): (request: SeenRequest) => FakeReply {
  return ({ method, body }) => {
    if (method === 'GET') return { status: 200, body: status };
    return body === '' ? problem(400, 'SECRET_INPUT_INVALID') : reply;
  };
}

const granting = taking({ status: 200, body: statusAnswer() });

const fromStdin = ['--admin-token-file', '-'];
const created = () => Object.keys(server.emulator.state().secrets);

describe('enroll', () => {
  it('hands the new secret to the running daemon and never shows it', async () => {
    using stage = setStage();
    await using daemon = await FakeDaemon.listen(stage.socket, granting);
    const { code, stdout, stderr } = await stage.run(['enroll', 'web-01', ...fromStdin], {
      input: adminToken,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('web-01: granted, generation 3, token valid until 2027-01-01T00:30:00Z (29m59s)\n');
    const secret = daemon.requests.at(-1)?.body ?? '';
    expect(server.emulator.honours(secret)).toBe(true);
    expect(stdout + stderr).not.toContain(secret);
    expect(created()).toEqual(['web-01']);
  });

  it('stores it where no daemon runs', async () => {
    using stage = setStage();
    const { code, stdout } = await stage.run(
      ['enroll', 'web-01', ...fromStdin, '--name', 'web-01-b', '--json'],
      {
        input: `${adminToken}\n`,
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ agent: 'web-01', stored: true, granted: false, status: null });
    expect(created()).toEqual(['web-01-b']);
  });
});

describe('the credential of the administrator', () => {
  it('comes from a file that not everybody may read', async () => {
    using stage = setStage();
    await using _ = await FakeDaemon.listen(stage.socket, granting);
    const file = stage.write('admin.token', adminToken);
    expect((await stage.run(['enroll', 'web-01', '--admin-token-file', file])).code).toBe(0);
  });

  it.each([
    [
      'readable by everybody',
      (stage: Stage) => stage.write('admin.token', adminToken, 0o644),
      /chmod 0600 .*admin\.token/,
    ],
    ['missing', (stage: Stage) => stage.path('nothing'), /there is no file .*; correct the path/],
    ['a folder', (stage: Stage) => stage.folder, /is a folder/],
    ['empty', (stage: Stage) => stage.write('admin.token', '\n'), /is empty/],
  ])('file %s', async (_what, prepare, told) => {
    using stage = setStage();
    const { code, stderr } = await stage.run(['enroll', 'web-01', '--admin-token-file', prepare(stage)]);
    expect(code).toBe(64);
    expect(stderr).toMatch(told);
    expect(created()).toEqual([]);
  });

  it('needs a terminal or a file', async () => {
    using stage = setStage();
    const { code, stderr } = await stage.run(['enroll', 'web-01'], { input: adminToken });
    expect(code).toBe(64);
    expect(stderr).toContain('--admin-token-file FILE');
  });

  it('may be wrong', async () => {
    using stage = setStage();
    const { code, stderr } = await stage.run(['enroll', 'web-01', ...fromStdin], {
      input: 'wr0ng-credential',
    });
    expect(code).toBe(77);
    expect(stderr).toContain('(SERVER_REFUSED)');
    expect(stderr).not.toContain('wr0ng');
  });
});

describe('what can be told before, creates nothing', () => {
  it.each([
    ['PEER_DENIED', 403],
    ['AGENT_UNKNOWN', 404],
    ['SHUTTING_DOWN', 503],
  ])('the daemon would not take it: %s', async (code, status) => {
    using stage = setStage();
    await using _ = await FakeDaemon.listen(stage.socket, () => problem(status, code));
    const { stderr } = await stage.run(['enroll', 'web-01', ...fromStdin], { input: adminToken });
    expect(stderr).toContain(`(${code})`);
    expect(created()).toEqual([]);
  });

  it.each(['STATE_UNREADABLE', 'STORE_MISMATCH', 'STORE_UNAVAILABLE', 'SECRET_NOT_PERSISTED'])(
    'the daemon has %s',
    async (code) => {
      using stage = setStage();
      const alert = { code, severity: 'critical', since: '2027-01-01T00:00:00Z', summary: 'told: so' };
      const status = statusAnswer({ alerts: [alert] });
      await using _ = await FakeDaemon.listen(stage.socket, taking({ status: 200, body: status }, status));
      const { stderr } = await stage.run(['enroll', 'web-01', ...fromStdin], { input: adminToken });
      expect(stderr).toContain(`told: so (${code})`);
      expect(created()).toEqual([]);
    },
  );

  const obstacles: readonly [
    what: string,
    prepare: () => Stage,
    agent: string,
    exitCode: number,
    told: string,
  ][] = [
    ['the state folder', stageWithFileAsState, 'web-01', 78, 'STATE_DIR_UNUSABLE'],
    ['the wrapping key', stageWithOpenKey, 'web-01', 78, 'KEY_FILE_UNUSABLE'],
    ['a store in memory', setStage, 'web-02', 64, 'only a running daemon'],
  ];

  it.each(obstacles)('%s', async (_what, prepare, agent, exitCode, told) => {
    using stage = prepare();
    const { code, stderr } = await stage.run(['enroll', agent, ...fromStdin], { input: adminToken });
    expect(code).toBe(exitCode);
    expect(stderr).toContain(told);
    expect(created()).toEqual([]);
  });
});

describe('a secret that was created and not taken over', () => {
  it.each([
    ['refused', problem(422, 'HANDOVER_REFUSED'), 77],
    ['not stored', problem(503, 'STORE_LOCKED'), 75],
    ['perhaps stored', 'cut', 69],
  ] as const)('is told by its name: %s', async (_what, reply, exitCode) => {
    using stage = setStage();
    await using _ = await FakeDaemon.listen(stage.socket, taking(reply));
    const { code, stdout, stderr } = await stage.run(
      ['enroll', 'web-01', ...fromStdin, '--name', 'new-one'],
      {
        input: adminToken,
      },
    );
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain('the server has created the secret new-one, but it was not taken over');
    expect(stderr).toContain('revoke new-one at the server');
    expect(created()).toEqual(['new-one']);
  });

  it('goes to the store where the daemon ends in between', async () => {
    using stage = setStage();
    await using daemon = await FakeDaemon.listen(stage.socket, granting);
    server.emulator.addFault({ kind: 'latency', endpoint: 'create', latencyMs: 500 });
    const running = stage.run(['enroll', 'web-01', ...fromStdin], { input: adminToken });
    await eventually(() => expect(server.emulator.state().requests.create).toMatchObject({ total: 1 }));
    await daemon[Symbol.asyncDispose]();
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(stdout).toContain('no daemon is running');
  });
});

function stageWithFileAsState(): Stage {
  const stage = setStage();
  stage.write('state', 'a file');
  return stage;
}

function stageWithOpenKey(): Stage {
  const stage = setStage({ store: '{ store: file, key_file: ./open.key }' });
  stage.write('open.key', `${Buffer.alloc(32).toString('base64')}\n`, 0o644);
  return stage;
}
