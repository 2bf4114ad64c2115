import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createFileLocks } from '../../../src/platform/file-locks.ts';
import { loadNative } from '../../../src/platform/native.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeDaemon, problem, statusAnswer, type FakeReply } from '../client/fake-daemon.ts';
import { ended, Stage } from './stage.ts';

/** `status` where no daemon answers, and `status --watch` without a terminal. */

describe('nobody answers', () => {
  it('is said after what can be seen without a daemon', async () => {
    using stage = new Stage();
    const { code, stdout, stderr } = await stage.run(['status']);
    expect(code).toBe(69);
    expect(stdout).toBe(
      [
        'AGENT   DAEMON  TOKEN  SECRET  GENERATION  DO',
        'web-01  none    none   absent  0           tokenward enroll web-01',
        'web-02  none    none   absent  0           systemctl start tokenward',
        '',
      ].join('\n'),
    );
    expect(stderr).toContain('(there is no socket); start the daemon');
  });

  it('is a document for programs', async () => {
    using stage = new Stage();
    const all = await stage.run(['status', '--json']);
    expect(all.code).toBe(69);
    expect(JSON.parse(all.stdout)).toMatchObject({
      daemon: null,
      error: { code: 'DAEMON_NOT_RUNNING' },
      agents: [{ agent: 'web-01', token: { expires_in: null } }, { agent: 'web-02' }],
    });
    const one = await stage.run(['status', 'web-01', '--json']);
    expect(JSON.parse(one.stdout)).toMatchObject({ daemon: null, agent: 'web-01', state: null });
  });

  it('names the process that holds an agent, and does not advise to start another one', async () => {
    using stage = new Stage();
    mkdirSync(stage.path('state/agents/web-01'), { recursive: true });
    const lock = await createFileLocks(await loadNative()).tryAcquire(stage.path('state/agents/web-01/lock'));
    const { code, stdout, stderr } = await stage.run(['status', 'web-01']);
    expect(code).toBe(69);
    expect(stdout).toContain(`web-01: process ${process.pid} holds it, but does not answer`);
    expect(stderr).toMatch(
      new RegExp(
        `process ${process.pid} holds web-01, .*journalctl _PID=${process.pid} \\(DAEMON_NOT_RUNNING\\)`,
      ),
    );
    expect(stderr).not.toContain('start the daemon');
    if (lock.held) await lock.release();
  });
});

function status(sequence: number): FakeReply {
  const token = {
    status: 'valid',
    sequence,
    fingerprint: null,
    expires_at: '2027-01-01T00:30:00Z',
    expires_in: 9,
  };
  return { status: 200, body: { agents: [statusAnswer({ token })] } };
}

describe('a watch without a terminal', () => {
  it('has a line for each change, sits out what passes, and ends with 0', async () => {
    using stage = new Stage();
    const replies = [
      status(1),
      status(1),
      problem(429, 'RATE_LIMITED', { retry_after: 1 }),
      'cut' as const,
      status(2),
    ];
    await using daemon = await FakeDaemon.listen(
      stage.socket,
      (_request, number) => replies[number - 1] ?? status(2),
    );
    const watch = stage.start(['status', '--watch']);
    const end = ended(watch);
    await eventually(() => expect(daemon.requests.length).toBeGreaterThan(5), { withinMs: 20_000 });
    watch.kill('SIGINT');
    const { code, stdout, stderr } = await end;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll(/^\S+ /gm, '').split('\n')).toEqual([
      'web-01 active: token valid until 2027-01-01T00:30:00Z, secret held, generation 3',
      expect.stringContaining('ended the connection without an answer'),
      'web-01 active: token valid until 2027-01-01T00:30:00Z, secret held, generation 3',
      '',
    ]);
  });

  it('ends where its reader has seen enough', async () => {
    using stage = new Stage();
    await using _ = await FakeDaemon.listen(stage.socket, (_request, number) => status(number));
    const { code, stdout } = await stage.shell(
      'set -o pipefail; "$NODE" "$MAIN" status -w --json | head -n 1',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ agent: 'web-01', token: { sequence: 1 } });
  });

  it('ends where the daemon refuses to answer at all', async () => {
    using stage = new Stage();
    await using _ = await FakeDaemon.listen(stage.socket, () => problem(403, 'PEER_DENIED'));
    expect(await stage.run(['status', '--watch'])).toMatchObject({ code: 77, stdout: '' });
  });
});
