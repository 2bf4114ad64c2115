import { describe, expect, it } from 'vitest';
import { FakeDaemon, problem, statusAnswer } from '../client/fake-daemon.ts';
import { Stage } from './stage.ts';

/** How a secret gets in, and where it goes. */

describe('standard input', () => {
  it.each([
    ['s3cret', 's3cret'],
    ['s3cret\n', 's3cret'],
    [' with blanks ', ' with blanks '],
    ['grüße\n', 'grüße'],
  ])('%j is the secret %j', async (input, secret) => {
    using stage = new Stage();
    await using daemon = await FakeDaemon.listen(stage.socket, () => ({ status: 200, body: statusAnswer() }));
    const { code, stdout, stderr } = await stage.run(['import', 'web-01'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('web-01: granted, generation 3, token valid until 2027-01-01T00:30:00Z (29m59s)\n');
    expect(daemon.requests).toEqual([
      expect.objectContaining({
        method: 'PUT',
        target: '/v1/agents/web-01/secret?wait=30000ms',
        body: secret,
      }),
    ]);
  });

  it.each([
    ['', 'there is no secret of web-01 on standard input.*`tokenward import web-01 < FILE`'],
    ['\n', 'is empty'],
    ['a\nb\n', 'line break'],
    ['s3cret\n\n', 'line break'],
    ['s3cret\r\n', 'ends in a carriage return'],
    ['s3cret\0', 'control character'],
    ['x'.repeat(20_000), 'larger than 16384 bytes'],
  ])('%j is refused', async (input, reason) => {
    using stage = new Stage();
    await using daemon = await FakeDaemon.listen(stage.socket, () => ({ status: 200, body: statusAnswer() }));
    const { code, stderr } = await stage.run(['import', 'web-01'], { input });
    expect(code).toBe(64);
    expect(stderr).toMatch(new RegExp(`${reason}.*\\(SECRET_INPUT_INVALID\\)`));
    expect(daemon.requests).toEqual([]);
  });
});

describe('a running daemon', () => {
  it('may not have heard from the server yet', async () => {
    using stage = new Stage();
    await using _ = await FakeDaemon.listen(stage.socket, () => ({
      status: 202,
      body: statusAnswer(),
    }));
    const { code, stdout } = await stage.run(['import', 'web-01'], { input: 's' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^web-01: stored; not granted within 30 s, .* `tokenward status web-01`\n$/);
  });

  it('answers for a program', async () => {
    using stage = new Stage();
    await using _ = await FakeDaemon.listen(stage.socket, () => ({
      status: 200,
      body: statusAnswer(),
    }));
    const { stdout } = await stage.run(['import', 'web-01', '--json'], { input: 's' });
    expect(JSON.parse(stdout)).toEqual({
      agent: 'web-01',
      stored: true,
      granted: true,
      status: statusAnswer(),
    });
  });

  it.each([
    [problem(422, 'HANDOVER_REFUSED'), 77],
    [problem(403, 'PEER_DENIED'), 77],
    [problem(409, 'STATE_UNREADABLE'), 78],
    [problem(503, 'STORE_LOCKED'), 75],
  ])('says no: %j', async (reply, exitCode) => {
    using stage = new Stage();
    await using daemon = await FakeDaemon.listen(stage.socket, () => reply);
    const { code, stdout } = await stage.run(['import', 'web-01'], { input: 's3cret' });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(daemon.requests).toHaveLength(1);
  });

  it('is not asked a second time where it may have taken the secret', async () => {
    using stage = new Stage();
    await using daemon = await FakeDaemon.listen(stage.socket, () => 'cut');
    const { code, stderr } = await stage.run(['import', 'web-01'], { input: 's3cret' });
    expect(code).toBe(69);
    expect(stderr).toContain('ended the connection without an answer');
    expect(daemon.requests).toHaveLength(1);
  });
});

describe('no daemon', () => {
  it('stores the secret for the next start, sealed', async () => {
    using stage = new Stage();
    const { code, stdout, stderr } = await stage.run(['import', 'web-01'], { input: 's3cret-text\n' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^web-01: stored; no daemon is running, so it is exchanged when `tokenward run` starts\n$/,
    );
    const found = await stage.shell('find state -type f; grep -r s3cret-text state');
    expect(found.stdout).toContain('candidate');
    expect(found.stdout).not.toContain('s3cret');
  });

  it('is needed for a secret that stays in memory', async () => {
    using stage = new Stage();
    const { code, stderr } = await stage.run(['import', 'web-02'], { input: 's3cret' });
    expect(code).toBe(64);
    expect(stderr).toContain('only a running daemon');
  });

  it('and a state folder that cannot be', async () => {
    using stage = new Stage();
    stage.write('state', 'a file');
    const { code, stderr } = await stage.run(['import', 'web-01'], { input: 's3cret' });
    expect(code).toBe(78);
    expect(stderr).toContain('(STATE_DIR_UNUSABLE)');
  });
});
