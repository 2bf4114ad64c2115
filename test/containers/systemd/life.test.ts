import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describeContainers } from '../support/docker.ts';
import { installedByPackage } from './by-package.ts';
import type { SystemdHost } from './host.ts';
import { apiSocket, LogHost, patience } from './log-host.ts';

describeContainers('tokenward on a host with systemd, from its package', () => {
  let site: LogHost;
  let host: SystemdHost;

  beforeAll(async () => {
    site = await LogHost.create(await installedByPackage());
    ({ host } = site);
  });

  afterAll(() => site?.[Symbol.asyncDispose]());

  it('is enabled and starts, and says that it waits for a secret', async () => {
    await host.run('systemctl', 'enable', '--now', 'tokenward.socket', 'tokenward.service');
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
    expect(await host.property('tokenward.service', 'StatusText')).toBe(
      'web-01 unprovisioned, waits for a person: tokenward status web-01',
    );
    expect(await host.run('stat', '-c', '%U:%G %a', apiSocket)).toBe('tokenward:tokenward-clients 660');
    expect(await host.run('stat', '-c', '%U:%G %a', '/var/lib/tokenward')).toBe('tokenward:tokenward 700');
  });

  it('serves a token over the socket and in a file, to those who may ask', async () => {
    await site.enroll('web-01');
    await host.reaches('tokenward.service', 'StatusText', /^web-01 active, next refresh in \d+ min$/);
    const ask = `curl -sS --fail --unix-socket ${apiSocket} -H 'Accept: text/plain' http://localhost/v1/agents/web-01/token`;
    const token = await host.run('runuser', '-u', 'shipper', '--', 'bash', '-c', ask);
    expect(token).toMatch(/^\S{20,}$/);
    expect(await host.run('runuser', '-u', 'shipper', '--', 'cat', '/run/tokenward/web-01.token')).toBe(
      token,
    );
    expect((await host.try('runuser', '-u', 'nobody', '--', 'bash', '-c', ask)).exitCode).toBe(7);
    expect(await host.events('passed-socket-differs')).toEqual([]);
    // whatever the sandbox takes away, nothing is missing
    const { stdout } = await host.tokenward('doctor', '--json');
    const { lines } = JSON.parse(stdout) as { lines: readonly { id: string; status: string }[] };
    const troubles = lines.filter(({ id, status }) => status !== 'ok' && !id.endsWith('-certificate'));
    expect(troubles).toEqual([]);
  });

  it('restarts under clients none of which is let down, and exchanges nothing for that', async () => {
    const loop = `while [ ! -e /tmp/over ]; do curl -sS -o /dev/null -w '%{http_code}\\n' --unix-socket ${apiSocket} http://localhost/v1/agents/web-01/token; done`;
    const clients = [1, 2, 3].map(() => host.shell(`set +e; (${loop}) 2>&1 | sort | uniq -c`));
    for (const _ of [1, 2, 3]) await site.restart();
    await host.run('touch', '/tmp/over');
    const answers = await Promise.all(clients);
    for (const answer of answers) expect(answer.trim()).toMatch(/^\d+ 200$/);
    expect((await host.agent('web-01')).secret.generation).toBe(1);
    expect(await host.events('exchange-granted')).toHaveLength(1);
  });

  it('reloads, and says so', async () => {
    await host.run('systemctl', 'reload', 'tokenward.service');
    await eventually(async () => expect(await host.events('config-unchanged')).toHaveLength(1), patience);
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
  });

  it('is started again where it gives no sign of life', async () => {
    await host.dropIn('tokenward.service', 'watchdog.conf', '[Service]\nWatchdogSec=2\n');
    await site.restart();
    const pid = await host.property('tokenward.service', 'MainPID');
    await host.run('systemctl', 'kill', '--signal=STOP', '--kill-who=main', 'tokenward.service');
    await host.reaches('tokenward.service', 'NRestarts', /^1$/);
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
    expect(await host.property('tokenward.service', 'MainPID')).not.toBe(pid);
    await host.agentReaches('web-01', 'active');
    await site.removeDropIn('watchdog.conf');
  });

  it('waits for its server longer than a start may take, and is ready when it comes', async () => {
    await host.dropIn('tokenward.service', 'timeout.conf', '[Service]\nTimeoutStartSec=1\n');
    await host.run('systemctl', 'stop', 'emulator', 'tokenward.service');
    // who reads it goes on
    expect(await host.run('cat', '/run/tokenward/web-01.token')).not.toBe('');
    await host.shell('rm /var/lib/tokenward/agents/web-01/session.sealed');
    await host.run('systemctl', 'start', '--no-block', 'tokenward.service');
    await host.reaches('tokenward.service', 'StatusText', /^web-01 acquiring, next try/);
    const begun = performance.now();
    await eventually(() => expect(performance.now() - begun).toBeGreaterThan(2_500));
    expect(await host.property('tokenward.service', 'ActiveState')).toBe('activating');
    expect(await host.property('tokenward.service', 'NRestarts')).toBe('0');
    await site.startEmulator();
    // another server, which knows nothing of the secret: now it is for a person
    await host.reaches('tokenward.service', 'StatusText', /^web-01 revoked, waits for a person/);
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
    await site.enroll('web-01');
    await site.removeDropIn('timeout.conf');
  });

  it('stays down with a configuration that cannot be used, until it is mended', async () => {
    await host.write('/etc/tokenward/config.yaml', 'agents: {}\nlistners: []\n');
    expect((await host.try('systemctl', 'restart', 'tokenward.service')).exitCode).not.toBe(0);
    await host.reaches('tokenward.service', 'ActiveState', /^failed$/);
    expect(await host.property('tokenward.service', 'ExecMainStatus')).toBe('78');
    expect(await host.property('tokenward.service', 'NRestarts')).toBe('0');
    await site.configure(['web-01']);
    await site.restart();
    await host.agentReaches('web-01', 'active');
  });

  it('does not start without end for a client while the configuration cannot be used', async () => {
    await host.dropIn('tokenward.service', 'limit.conf', '[Unit]\nStartLimitBurst=4\n');
    await host.write('/etc/tokenward/config.yaml', 'agents: {}\n');
    await host.run('systemctl', 'reset-failed', 'tokenward.service');
    await host.try('systemctl', 'restart', 'tokenward.service');
    await host.try('curl', '-s', '--max-time', '1', '--unix-socket', apiSocket, 'http://localhost/healthz');
    await host.reaches('tokenward.socket', 'Result', /^service-start-limit-hit$/);
    await site.configure(['web-01']);
    const units = ['tokenward.socket', 'tokenward.service'];
    await host.run('systemctl', 'reset-failed', ...units);
    await host.run('systemctl', 'restart', ...units);
    await host.agentReaches('web-01', 'active');
    await site.removeDropIn('limit.conf');
    expect(await host.property('tokenward.socket', 'ActiveState')).toBe('active');
  });
});
