import { cp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { NotifyReceiver } from '../../support/raw-sockets.ts';
import { notifyReceiver, runService } from '../../support/systemd-site.ts';

const patience = { withinMs: 20_000 };

function hears(receiver: NotifyReceiver, line: unknown): Promise<void> {
  return eventually(() => expect(receiver.lines).toContainEqual(line), patience);
}

describe('a service manager', () => {
  it('is told that the daemon is ready, how long until the refresh, that it lives, reloads, and ends', async () => {
    await using site = await Installation.create();
    await site.provision();
    const { receiver, notifyAddress } = notifyReceiver(site);
    using _ = receiver;
    const daemon = runService(site, { notifyAddress, watchdogMs: 600 });
    await hears(receiver, 'READY=1');
    await hears(receiver, expect.stringMatching(/^STATUS=web-01 active, next refresh in 2\d min$/));
    await hears(receiver, 'WATCHDOG=1');
    daemon.signal('SIGHUP');
    await hears(receiver, 'RELOADING=1');
    await hears(receiver, expect.stringMatching(/^MONOTONIC_USEC=\d+$/));
    await eventually(() => expect(receiver.lines.filter((line) => line === 'READY=1')).toHaveLength(2));
    await daemon.end();
    expect(receiver.lines).toEqual(
      expect.arrayContaining(['STOPPING=1', 'STATUS=stopping', 'EXTEND_TIMEOUT_USEC=35000000']),
    );
  });

  it('is told at an abstract address too', async () => {
    await using site = await Installation.create();
    const notifyAddress = `@tokenward${site.folder}`;
    using receiver = new NotifyReceiver(notifyAddress);
    runService(site, { notifyAddress });
    await hears(receiver, 'STATUS=web-01 unprovisioned, waits for a person: tokenward status web-01');
    expect(receiver.lines).toContain('READY=1');
  });

  it('waits for the first token as long as the server is away, and hears of it', async () => {
    await using site = await Installation.create();
    await site.provision();
    await site.emulator.close();
    const { receiver, notifyAddress } = notifyReceiver(site);
    using _ = receiver;
    const daemon = runService(site, { notifyAddress, watchdogMs: 600 });
    await hears(receiver, expect.stringMatching(/^STATUS=web-01 acquiring, next try in \d+ s$/));
    expect(receiver.lines).toContain('EXTEND_TIMEOUT_USEC=60000000');
    await hears(receiver, 'WATCHDOG=1');
    expect(receiver.lines).not.toContain('READY=1');
    expect(await daemon.end()).toMatchObject({ exitCode: 0 });
  });

  it('hears nothing from a process that is stopped, and again when it goes on', async () => {
    await using site = await Installation.create();
    await site.provision();
    const { receiver, notifyAddress } = notifyReceiver(site);
    using _ = receiver;
    const daemon = runService(site, { notifyAddress, watchdogMs: 300 });
    await hears(receiver, 'WATCHDOG=1');
    daemon.signal('SIGSTOP');
    // the one that may be under way
    await eventually(async () => expect(await readFile(`/proc/${daemon.pid}/stat`, 'utf8')).toMatch(/\) T /));
    const before = receiver.lines.length;
    const end = performance.now() + 1_000;
    await eventually(() => expect(performance.now()).toBeGreaterThan(end));
    expect(receiver.lines).toHaveLength(before);
    daemon.signal('SIGCONT');
    await eventually(() => expect(receiver.lines.slice(before)).toContain('WATCHDOG=1'), patience);
  });

  it('is not missed where it has gone', async () => {
    await using site = await Installation.create();
    await site.provision();
    const { receiver, notifyAddress } = notifyReceiver(site);
    receiver[Symbol.dispose]();
    await rm(notifyAddress);
    const daemon = runService(site, { notifyAddress });
    await site.reaches({ state: 'active' });
    expect(await daemon.logged('service-notify-failed')).toMatchObject({ level: 'warn' });
  });
});

it('a daemon without one does not even look for what speaks with it', async () => {
  await using site = await Installation.create();
  await site.provision();
  const folder = join(site.folder, 'dist');
  await cp(dirname(site.program), folder, { recursive: true });
  await rm(join(folder, 'service.js'));
  await using daemon = new Daemon(join(folder, 'tokenward.js'), ['--config', site.configFile], {
    env: site.env,
  });
  await daemon.started();
  expect(await daemon.end()).toMatchObject({ exitCode: 0, stderr: '' });
});
