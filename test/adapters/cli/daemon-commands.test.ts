import { describe, expect, it } from 'vitest';
import { FakeDaemon, problem, statusAnswer, type FakeReply } from '../client/fake-daemon.ts';
import { Stage, type Ended } from './stage.ts';

/** `status`, `token` and `refresh` against a daemon that answers what the test says. */

const tokenAnswer = {
  access_token: 'the-token',
  token_type: 'Bearer',
  expires_in: 1799,
  expires_at: '2027-01-01T00:30:00Z',
  agent: 'web-01',
  sequence: 4,
};

async function ask(args: readonly string[], reply: FakeReply): Promise<Ended> {
  using stage = new Stage();
  await using _ = await FakeDaemon.listen(stage.socket, () => reply);
  return await stage.run(args);
}

describe('status', () => {
  const alert = {
    code: 'IN_DOUBT',
    severity: 'warning',
    since: '2027-01-01T00:00:00Z',
    summary: 'no answer came',
  };
  const rejected = { status: 'rejected', sequence: 4, fingerprint: null, expires_at: null, expires_in: null };
  const agents = [
    statusAnswer({ token: rejected }),
    statusAnswer({ agent: 'web-02', state: 'degraded', token: rejected, alerts: [alert] }),
  ];

  it('is a table with trouble on top, and the alerts below it', async () => {
    const { code, stdout, stderr } = await ask(['status'], { status: 200, body: { agents } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'AGENT   STATE     TOKEN     REFRESH  SECRET  GENERATION  DO',
        'web-02  degraded  rejected  -        held    3           see below',
        'web-01  active    rejected  -        held    3',
        '',
        'web-02: warning IN_DOUBT since 2027-01-01T00:00:00Z',
        '  no answer came',
        '',
      ].join('\n'),
    );
  });

  it('is the answer of the API for a program', async () => {
    const all = await ask(['status', '--json'], { status: 200, body: { agents } });
    expect(JSON.parse(all.stdout)).toEqual({ agents });
    const one = await ask(['status', 'web-01', '--json'], { status: 200, body: agents[0] });
    expect(JSON.parse(one.stdout)).toEqual(agents[0]);
  });
});

describe('token', () => {
  it('is bare', async () => {
    const { code, stdout, stderr } = await ask(['token', 'web-01'], { status: 200, body: tokenAnswer });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'the-token', stderr: '' });
  });

  it('is the answer of the API for a program', async () => {
    const { stdout } = await ask(['token', 'web-01', '--json'], { status: 200, body: tokenAnswer });
    expect(JSON.parse(stdout)).toEqual(tokenAnswer);
  });
});

describe('refresh', () => {
  it('tells what was granted', async () => {
    const { code, stdout } = await ask(['refresh', 'web-01'], { status: 200, body: statusAnswer() });
    expect(code).toBe(0);
    expect(stdout).toBe('web-01: granted, generation 3, token valid until 2027-01-01T00:30:00Z (29m59s)\n');
  });

  it('is too early without --wait', async () => {
    const { code, stdout, stderr } = await ask(
      ['refresh', 'web-01'],
      problem(429, 'RATE_LIMITED', { retry_after: 9 }),
    );
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
    expect(stderr).toBe('tokenward: told: RATE_LIMITED (RATE_LIMITED)\ntokenward: try again in 9s\n');
  });

  it('sits out with --wait what time alone mends', async () => {
    using stage = new Stage();
    const replies = [
      problem(429, 'RATE_LIMITED', { retry_after: 0.02 }),
      problem(503, 'IN_DOUBT', { retry_after: 0.01 }),
      problem(503, 'SERVER_RATE_LIMITED', { retry_after: 0.01 }),
    ].map((reply) => ({ ...reply, deviates: 'has a wait of less than a second, for the sake of this test' }));
    await using daemon = await FakeDaemon.listen(
      stage.socket,
      (_request, number) => replies[number - 1] ?? { status: 200, body: statusAnswer() },
    );
    const { code, stdout, stderr } = await stage.run(['refresh', 'web-01', '--wait', '--json']);
    expect(code).toBe(0);
    expect(daemon.requests).toHaveLength(4);
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      'web-01: told: RATE_LIMITED; asking again in 0s',
      'web-01: told: IN_DOUBT; asking again in 0s',
    ]);
    expect(JSON.parse(stdout)).toEqual(statusAnswer());
  });

  it.each([
    ['a person is needed', problem(503, 'IN_DOUBT'), 75],
    ['the secret is refused', problem(409, 'SECRET_REVOKED', { retry_after: 300 }), 77],
    ['the server is away', problem(502, 'SERVER_UNREACHABLE', { retry_after: 1 }), 69],
  ])('does not wait where %s', async (_why, reply, exitCode) => {
    const { code } = await ask(['refresh', 'web-01', '--wait'], reply);
    expect(code).toBe(exitCode);
  });
});

describe('exit codes', () => {
  it.each([
    ['token', problem(404, 'AGENT_UNKNOWN'), 64],
    ['refresh', problem(502, 'SERVER_TLS_FAILED'), 69],
    ['token', problem(503, 'TOKEN_UNAVAILABLE', { retry_after: 1 }), 75],
    ['token', problem(503, 'SECRET_REVOKED', { retry_after: 30 }), 77],
    ['token', problem(403, 'PEER_DENIED'), 77],
    ['token', problem(503, 'STATE_UNREADABLE', { retry_after: 30 }), 78],
    ['token', problem(500, 'INTERNAL'), 1],
  ])('%s: %j', async (command, reply, exitCode) => {
    const { code, stdout } = await ask([command, 'web-01'], reply);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  });
});

describe('nobody to ask', () => {
  it.each([[['status']], [['token', 'web-01']], [['refresh', 'web-01', '--wait']]])('%j', async (args) => {
    using stage = new Stage();
    const { code, stderr } = await stage.run(args);
    expect(code).toBe(69);
    expect(stderr).toMatch(
      /no daemon at .*daemon\.sock .*; start the daemon with `tokenward run`.*\(DAEMON_NOT_RUNNING\)/,
    );
  });

  it('a configuration without a socket', async () => {
    using stage = new Stage({ listeners: '[]' });
    const { code, stderr } = await stage.run(['status']);
    expect(code).toBe(78);
    expect(stderr).toMatch(/no unix socket .*; add one/);
  });

  it.each([
    ['web-1', 'did you mean "web-01"?'],
    ['elsewhere', 'it has web-01, web-02'],
  ])('agent %s: %s', async (name, advice) => {
    using stage = new Stage();
    const { code, stderr } = await stage.run(['status', name]);
    expect(code).toBe(64);
    expect(stderr).toContain(`${advice} (AGENT_UNKNOWN)`);
  });
});

describe('an output that cannot be written', () => {
  it('is no success', async () => {
    using stage = new Stage();
    await using _ = await FakeDaemon.listen(stage.socket, () => ({ status: 200, body: tokenAnswer }));
    const { code, stderr } = await stage.shell('"$NODE" "$MAIN" token web-01 > /dev/full');
    expect(code).toBe(78);
    expect(stderr).toContain('ENOSPC');
  });

  it('is no failure where its reader has seen enough', async () => {
    using stage = new Stage();
    const { code, stderr } = await stage.shell('set -o pipefail; "$NODE" "$MAIN" --help | head -n 1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('several sockets', () => {
  it('each for other users: the one that lets us in is asked', async () => {
    using stage = new Stage({ listeners: '[{ unix: ./of-others.sock }, { unix: ./daemon.sock }]' });
    await using _ = await FakeDaemon.listen(stage.socket, () => ({ status: 200, body: tokenAnswer }));
    expect(await stage.run(['token', 'web-01'])).toMatchObject({ code: 0, stdout: 'the-token' });
  });

  it('none of which lets us in: the first is named', async () => {
    using stage = new Stage({ listeners: '[{ unix: ./of-others.sock }, { unix: ./daemon.sock }]' });
    const { code, stderr } = await stage.run(['token', 'web-01']);
    expect(code).toBe(69);
    expect(stderr).toContain('of-others.sock');
  });
});
