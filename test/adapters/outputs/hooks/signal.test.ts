import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mainProcessIn } from '../../../../src/outputs/hooks/main-process.ts';
import { sendSignal } from '../../../../src/outputs/hooks/signal.ts';
import { processFacts } from '../../../../src/platform/process-facts.ts';
import { processOfNumber } from '../../../../src/platform/process-hold.ts';
import { SystemError } from '../../../../src/platform/system-error.ts';
import { eventually } from '../../../support/eventually.ts';
import { Runner, signalTo } from './runner.ts';

let runner: Runner;

beforeEach(() => {
  runner = new Runner();
});
afterEach(() => runner[Symbol.asyncDispose]());

const failing = (text: string) => ({
  ok: false,
  reason: expect.stringContaining(text) as unknown,
  output: '',
});

describe('a signal', () => {
  it('reaches the process that the file names, whose further lines do not count', async () => {
    const { pid, said } = await runner.waiting();
    const path = runner.write('a.pid', `${pid}\n/var/lib/more\n`);
    expect(await runner.run(signalTo(path))).toEqual({ ok: true });
    await eventually(() => expect(said()).toBe('ready\nHUP\n'));
    expect(await runner.run(signalTo(path, { signal: 'USR2', process: 'sh' }))).toEqual({ ok: true });
    await eventually(() => expect(said()).toBe('ready\nHUP\nUSR2\n'));
  });

  it.each([
    ['', 'is empty; the program may be starting'],
    ['vector\n', 'does not begin with the number of a process'],
    ['0x1f\n', 'does not begin with the number of a process'],
    ['0\n', 'names process 0'],
    ['1\n', 'names process 1'],
    ['-1\n', 'names a group of processes'],
    ['-4242\n', 'names a group of processes'],
    ['4194305\n', 'the number is too high'],
    [`${process.pid}\n`, 'is tokenward itself'],
  ])('is not sent for a file with %j', async (text, reason) => {
    expect(await runner.run(signalTo(runner.write('a.pid', text)))).toEqual(failing(reason));
  });

  it('is not sent by a file that others can write, that is a link, or that is none', async () => {
    const { pid, said } = await runner.waiting();
    const path = runner.write('open.pid', `${pid}\n`, 0o666);
    symlinkSync(runner.write('real.pid', `${pid}\n`), join(runner.folder, 'link.pid'));
    const results = await Promise.all(
      ['open.pid', 'link.pid', 'none.pid', '.'].map((name) =>
        runner.run(signalTo(join(runner.folder, name))),
      ),
    );
    expect(results).toEqual([
      failing(`mode 0666, so that others than its owner could name a process in it; run: chmod go-w ${path}`),
      failing('is a symbolic link'),
      failing('is missing; start the program, or correct the path'),
      failing('is not a regular file'),
    ]);
    expect(said()).toBe('ready\n');
  });

  it('is not sent where the process has gone, or the number is that of another one', async () => {
    const { pid, child, said } = await runner.waiting();
    const path = runner.write('a.pid', `${pid}\n`);
    const before = new Date(Date.now() - 60_000);
    utimesSync(path, before, before);
    expect(await runner.run(signalTo(path))).toEqual(failing('began after the pid file'));
    expect(await runner.run(signalTo(path, { process: 'vector' }))).toEqual(failing('is sh, not vector'));
    expect(said()).toBe('ready\n');
    // who names the program is not refused for the sake of a clock
    expect(await runner.run(signalTo(path, { process: 'sh' }))).toEqual({ ok: true });
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(await runner.run(signalTo(path))).toEqual(failing(`there is no process ${pid}`));
  });

  it('is not sent to a process that it would end', async () => {
    const child = spawn('/bin/sleep', ['600']);
    await once(child, 'spawn');
    const path = runner.write('a.pid', `${child.pid}\n`);
    expect(await runner.run(signalTo(path))).toEqual(
      failing('(sleep) does nothing with HUP and would be ended'),
    );
    const gone = once(child, 'exit');
    expect(await runner.run(signalTo(path, { signal: 'TERM' }))).toEqual({ ok: true });
    expect(await gone).toEqual([null, 'SIGTERM']);
  });

  it.runIf(process.getuid?.() === 0)('is not sent by the file of a stranger', async () => {
    const { pid, said } = await runner.waiting();
    const path = runner.write('a.pid', `${pid}\n`);
    chownSync(path, 65_534, 65_534);
    expect(await runner.run(signalTo(path))).toEqual(failing('belongs to user 65534, and process'));
    expect(said()).toBe('ready\n');
  });

  it('that the kernel does not permit says what is missing', async () => {
    const { pid } = await runner.waiting();
    let isHeld = false;
    const native = {
      bootMs: () => 1e9,
      holdProcess: () => ({
        send() {
          isHeld = true;
          throw new SystemError('pidfd_send_signal', 'EPERM');
        },
        close: () => void (isHeld = false),
      }),
    };
    const parts = { native, wallMs: () => Date.now(), env: {} };
    const hook = signalTo(runner.write('a.pid', `${pid}\n`));
    expect(await sendSignal(hook, parts, new AbortController().signal)).toEqual(failing('CAP_KILL'));
    expect(isHeld).toBe(false);
  });

  it('says what a unit that is not there, or a host without systemd, lacks', async () => {
    const unit = { kind: 'unit', unit: 'tokenward-none.service' } as const;
    const result = await runner.run(signalTo('', { target: unit }));
    expect(result).toEqual(failing('tokenward-none.service'));
  });
});

describe('the main process of a unit', () => {
  it.each([
    ['Id=rsyslog.service\nMainPID=4242\n', { pid: 4242, unit: 'rsyslog.service' }],
    [
      'MainPID=0\nId=syslog.service\n',
      { flaw: 'syslog.service has no main process; start it, or correct the name' },
    ],
    [
      'MainPID=1\nId=syslog.service\n',
      { flaw: 'syslog.service has no main process; start it, or correct the name' },
    ],
    ['', { flaw: 'systemctl did not say which the main process of syslog.service is' }],
  ])('as systemctl says it: %j', (output, expected) => {
    expect(mainProcessIn(output, 'syslog.service')).toEqual(expected);
  });
});

describe('a process', () => {
  it('is known by what /proc shows', async () => {
    const { pid } = await runner.waiting();
    const uptimeMs = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000;
    const facts = processFacts(pid);
    const fates = facts === 'hidden' ? [] : [1, 10, 12].map((signal) => facts.onSignal(signal));
    expect(fates).toEqual(['handled', 'handled', 'handled']);
    const uid = process.getuid?.() ?? 0;
    expect(facts).toMatchObject({ name: 'sh', isZombie: false, uids: [uid, uid] });
    expect(facts === 'hidden' ? 0 : uptimeMs - facts.startedMs).toBeLessThan(10_000);
    expect(facts === 'hidden' ? -1 : uptimeMs - facts.startedMs).toBeGreaterThanOrEqual(-20);
  });

  it('is signalled by its number where the kernel has nothing better', async () => {
    const { pid, child, said } = await runner.waiting();
    processOfNumber(pid).send(1);
    await eventually(() => expect(said()).toBe('ready\nHUP\n'));
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(() => processOfNumber(pid)).toThrow('ESRCH');
  });
});
