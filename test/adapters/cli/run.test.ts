import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { ended, Stage } from './stage.ts';

/** `run` as a process: what it loads, and how it ends. */

describe('run', () => {
  it('loads nothing that only other commands need', async () => {
    using stage = new Stage();
    const hooks = stage.write(
      'hooks.mjs',
      `import { registerHooks } from 'node:module';
       registerHooks({ load(url, context, next) { process.stderr.write('loaded ' + url + '\\n'); return next(url, context); } });`,
    );
    const { code, stderr } = await stage.run(['run', '--config', 'missing.yaml'], {
      env: { NODE_OPTIONS: `--import=${hooks}` },
    });
    expect(code).toBe(78);
    expect(stderr).toContain('/src/daemon.ts');
    expect(stderr).not.toMatch(
      /loaded .*\/(yargs|src\/emulator|src\/client|src\/operator|src\/cli\/command)/,
    );
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in good order at %s', async (signal) => {
    using stage = new Stage();
    const daemon = stage.start(['run']);
    const result = ended(daemon);
    await eventually(() => expect(existsSync(stage.socket)).toBe(true), { withinMs: 10_000 });
    daemon.kill(signal);
    const { code, stdout, stderr } = await result;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toEqual(expect.arrayContaining(['started', 'signal-received', 'stopped']));
    expect(existsSync(stage.socket)).toBe(false);
  });

  it('tells why it cannot start, with the exit code of the reason', async () => {
    using stage = new Stage({ listeners: '[{ unix: ./missing/daemon.sock }]' });
    const { code, stderr } = await stage.run(['run']);
    expect(code).toBe(78);
    expect(stderr).toMatch(/^tokenward: .*missing.* \(SOCKET_UNUSABLE\)\n$/);
  });

  it('takes its options in any order', async () => {
    using stage = new Stage();
    const daemon = stage.start(['--config', stage.config, 'run'], { TOKENWARD_CONFIG: '/nowhere' });
    await eventually(() => expect(existsSync(stage.socket)).toBe(true), { withinMs: 10_000 });
    daemon.kill('SIGTERM');
    const [code] = (await once(daemon, 'exit')) as [number | null];
    expect(code).toBe(0);
  });
});
