import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openServiceManager } from '../../../src/daemon/service-manager.ts';
import { loadNative, withoutNative } from '../../../src/platform/native.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import { NotifyReceiver } from '../../support/raw-sockets.ts';

it('what is meant for the daemon is taken out of the environment that its programs get', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-service-'));
  using receiver = new NotifyReceiver(join(folder, 'notify'));
  const env = {
    PATH: '/bin',
    NOTIFY_SOCKET: join(folder, 'notify'),
    WATCHDOG_USEC: '60000000',
    WATCHDOG_PID: String(process.pid),
    LISTEN_FDS: '1',
    LISTEN_PID: '1',
    LISTEN_FDNAMES: 'api',
  };
  const service = await openServiceManager({
    env,
    native: await loadNative(),
    clock: new ManualClock(),
    log: new MemoryLog(),
  });
  service.begin(() => []);
  service.serving();
  service.close();
  expect(env).toEqual({ PATH: '/bin' });
  expect(receiver.lines).toContain('WATCHDOG=1');
  expect(receiver.lines).toContain('READY=1');
  await rm(folder, { recursive: true });
});

it('a watchdog that is meant for another process gets no sign of life from this one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-service-'));
  using receiver = new NotifyReceiver(join(folder, 'notify'));
  const env = { NOTIFY_SOCKET: join(folder, 'notify'), WATCHDOG_USEC: '60000000', WATCHDOG_PID: '1' };
  const clock = new ManualClock();
  const parts = { env, native: await loadNative(), clock, log: new MemoryLog() };
  const service = await openServiceManager(parts);
  service.begin(() => []);
  clock.advance(300_000);
  service.close();
  expect(receiver.lines).not.toContain('WATCHDOG=1');
  await rm(folder, { recursive: true });
});

it('a processor without the native part has no service manager, says so, and goes on', async () => {
  const log = new MemoryLog();
  const env = {
    NOTIFY_SOCKET: '/run/notify',
    LISTEN_FDS: '1',
    LISTEN_PID: String(process.pid),
  };
  const native = withoutNative(new Error('no koffi'));
  const service = await openServiceManager({ env, native, clock: new ManualClock(), log });
  expect(service.socketAt({ kind: 'unix', path: '/run/s' })).toBeNull();
  service.begin(() => []);
  service.close();
  expect(log.lines.map(({ event }) => event)).toEqual(['service-notify-failed', 'passed-sockets-unusable']);
});
