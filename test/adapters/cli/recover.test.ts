import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { RecoveryReport } from '../../../src/domain/recovery-report.ts';
import { recoveryOf, storeAwayReport } from '../../../src/domain/recovery.ts';
import { eventually } from '../../support/eventually.ts';
import { plainEnv } from '../../support/run-program.ts';
import { refusal, record, settings } from '../../unit/domain/fixtures.ts';
import { found } from '../../unit/domain/recovery-fixtures.ts';
import { FakeDaemon, problem, statusAnswer } from '../client/fake-daemon.ts';
import { main, Stage, type Ended } from './stage.ts';

/** `tokenward recover` against a daemon that answers what the test says, with a terminal and without. */

const cloned = recoveryOf(found({ view: { identity: 'host:two' } })).report;
const healthy = recoveryOf(found()).report;
const lost = recoveryOf(found({ view: { record: record({ refusal: refusal('lost') }) } })).report;
const locked = storeAwayReport(settings, 'degraded', {
  code: 'STORE_LOCKED',
  detail: 'the keyring is locked',
});

/** Does what it is asked for. */
function listen(stage: Stage, report: RecoveryReport): Promise<FakeDaemon> {
  return FakeDaemon.listen(stage.socket, ({ body }) => {
    const { action } = JSON.parse(body) as { action: string | null };
    return {
      status: 200,
      body: { ...report, done: action, set_aside: action === null ? null : '/aside', status: statusAnswer() },
    };
  });
}

interface Run extends Ended {
  /** What the daemon was asked for. */
  readonly asked: readonly unknown[];
}

async function recover(report: RecoveryReport, ...args: readonly string[]): Promise<Run> {
  using stage = new Stage();
  await using daemon = await listen(stage, report);
  const ended = await stage.run(['recover', 'web-01', ...args]);
  return { ...ended, asked: daemon.requests.map(({ body }) => JSON.parse(body) as unknown) };
}

const looked = { action: null, matter: null, dry_run: true };
const adopted = { action: 'adopt', matter: 'STATE_CLONED', dry_run: false };

describe('without a terminal', () => {
  it.each([
    ['nothing is wrong', healthy, [], 0, [looked]],
    ['only a look', cloned, ['--dry-run'], 0, [looked]],
    ['nobody has agreed', cloned, [], 64, [looked]],
    ['--yes', cloned, ['--yes'], 0, [looked, adopted]],
    ['only a new secret helps', lost, ['--yes'], 77, [looked]],
    ['an action that there is not now', cloned, ['--yes', '--action', 'replay'], 77, [looked]],
    ['an action that there never is', cloned, ['--yes', '--action', 'mend'], 64, []],
    ['a store that is away', locked, ['--yes'], 75, [looked]],
  ] as const)('%s', async (_what, report, args, code, asked) => {
    const ran = await recover(report, ...args);
    expect(ran, ran.stderr).toMatchObject({ code, asked });
  });

  it('it says what to add', async () => {
    const { stderr } = await recover(cloned);
    expect(stderr).toBe(
      'tokenward: there is no terminal at which to ask; add --yes to take the step adopt, or --dry-run only to look (USAGE)\n',
    );
  });

  it('a program gets one JSON document, whatever comes of it', async () => {
    for (const args of [['--yes'], ['--dry-run']]) {
      const { stdout } = await recover(cloned, '--json', ...args);
      expect(JSON.parse(stdout)).toMatchObject({ agent: 'web-01', recommended: 'adopt' });
    }
    const { stdout, code } = await recover(lost, '--json');
    expect({ code, told: JSON.parse(stdout) as unknown }).toMatchObject({ code: 77, told: { done: null } });
  });

  it('a daemon that does not let this user is not passed by', async () => {
    using stage = new Stage();
    await using daemon = await FakeDaemon.listen(stage.socket, () => problem(403, 'PEER_DENIED'));
    const { code, stderr } = await stage.run(['recover', 'web-01', '--yes']);
    expect({ code, stderr }).toMatchObject({
      code: 77,
      stderr: expect.stringContaining('PEER_DENIED') as string,
    });
    expect(daemon.requests).toHaveLength(1);
  });

  it('a secret in memory is the daemon’s alone', async () => {
    using stage = new Stage();
    const { code, stderr } = await stage.run(['recover', 'web-02']);
    expect(code).toBe(64);
    expect(stderr).toContain('web-02 keeps its secret in memory');
  });
});

describe('the report', () => {
  it('is for people', async () => {
    const { stdout } = await recover(cloned, '--dry-run');
    const lines = stdout.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'web-01: blocked, STATE_CLONED',
      '  the state folder was written on another machine or volume',
      '',
    ]);
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}stored secret +generation 3, sha256:[0-9a-f]{12}, ours, for https:/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}journal +generation 3, token 3, of another machine or volume/),
    );
    expect(lines).toContain('* adopt');
  });
});

interface Session {
  readonly screen: string;
  readonly code: number | null;
  readonly asked: readonly unknown[];
}

/** Types `keys` at a real terminal (script(1) of util-linux) when the question has appeared. */
async function type(keys: string): Promise<Session> {
  using stage = new Stage();
  await using daemon = await listen(stage, cloned);
  const line = [process.execPath, main, 'recover', 'web-01'].map((word) => `'${word}'`).join(' ');
  const terminal = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd: stage.folder,
    env: { ...plainEnv, TOKENWARD_CONFIG: stage.config, SHELL: '/bin/sh' },
  });
  let screen = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
  await eventually(() => expect(screen).toContain('adopt now? [y/N] '), { withinMs: 15_000 });
  terminal.stdin.write(keys);
  const [code] = (await once(terminal, 'close')) as [number | null];
  return { screen, code, asked: daemon.requests.map(({ body }) => JSON.parse(body) as unknown) };
}

describe('at a terminal', () => {
  it.each(['y\r', 'YES\r'])('%j is a yes', async (keys) => {
    const { code, asked, screen } = await type(keys);
    expect({ code, asked }).toEqual({ code: 0, asked: [looked, adopted] });
    expect(screen).toContain('risk: if the other copy still runs');
    expect(screen).toContain('web-01: adopt done; it is active now');
    expect(screen).toContain('set aside: /aside');
  });

  it.each(['n\r', '\r', 'yeah\r', '\u0004', '\u0003'])('%j is a no', async (keys) => {
    const { code, asked, screen } = await type(keys);
    expect({ code, asked }).toEqual({ code: 77, asked: [looked] });
    expect(screen).toContain('nothing was done about web-01 (RECOVERY_DECLINED)');
  });
});
