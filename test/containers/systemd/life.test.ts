import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describeContainers } from '../support/docker.ts';
import { installedByCommand } from './by-command.ts';
import { SystemdHost } from './host.ts';

const socket = '/run/tokenward/tokenward.sock';
const patience = { withinMs: 60_000, everyMs: 100 };

/** The agents of the host; each store has one of its own, as a secret cannot move while the daemon runs. */
const agents = {
  'web-01': 'secret: { store: file }',
  'web-02': 'secret: { store: file, credential: wrapping-key }',
  'web-03': 'secret: { store: keychain }',
} as const;
type AgentName = keyof typeof agents;

function configOf(names: readonly AgentName[], more = ''): string {
  const sections = names.map(
    (name) => `  ${name}:
    provider: vcf-logs
    url: https://127.0.0.1:8443
    tls: { ca_file: /srv/emulator/ca.pem }
    max_exchanges_per_minute: 6000
    ${agents[name]}
    files: [{ path: /run/tokenward/${name}.token, mode: "0640", group: tokenward-clients }]
${more}`,
  );
  return `agents:
${sections.join('')}listeners:
  - unix: ${socket}
    mode: "0660"
    group: tokenward-clients
    allow:
      - { group: tokenward-clients, may: [token, status] }
      - { user: root, may: [token, status, admin] }
`;
}

describeContainers('tokenward on a host with systemd', () => {
  let way: Awaited<ReturnType<typeof installedByCommand>>;
  let host: SystemdHost;

  beforeAll(async () => {
    way = await installedByCommand();
    host = await SystemdHost.boot(way);
    await host.run('install', '-d', '-m', '0755', '/srv/emulator');
    await startEmulator();
    await host.shell('useradd --system --groups tokenward-clients shipper');
    await host.shell('echo emulator-admin > /root/administrator; chmod 600 /root/administrator');
    await host.write('/etc/tokenward/config.yaml', configOf(['web-01']));
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await way?.[Symbol.asyncDispose]();
  });

  async function startEmulator(): Promise<void> {
    const command = '/usr/local/bin/tokenward emulator --listen 127.0.0.1:8443 --tls-dir /srv/emulator';
    await host.shell(
      `systemctl reset-failed emulator 2> /dev/null || true; systemd-run --quiet --unit=emulator ${command}`,
    );
    await eventually(
      () =>
        host.run(
          'curl',
          '-s',
          '-o',
          '/dev/null',
          '--cacert',
          '/srv/emulator/ca.pem',
          'https://127.0.0.1:8443/',
        ),
      patience,
    );
  }

  const enroll = async (agent: AgentName) => {
    const { exitCode, stderr } = await host.tokenward(
      'enroll',
      agent,
      '--admin-token-file',
      '/root/administrator',
    );
    expect(exitCode, stderr).toBe(0);
    await host.agentReaches(agent, 'active');
  };

  const restart = async () => {
    await host.run('systemctl', 'restart', 'tokenward.service');
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
  };

  it('is enabled and starts, and says that it waits for a secret', async () => {
    await host.run('systemctl', 'enable', '--now', 'tokenward.socket', 'tokenward.service');
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
    expect(await host.property('tokenward.service', 'StatusText')).toBe(
      'web-01 unprovisioned, waits for a person: tokenward status web-01',
    );
    expect(await host.run('stat', '-c', '%U:%G %a', socket)).toBe('tokenward:tokenward-clients 660');
    expect(await host.run('stat', '-c', '%U:%G %a', '/var/lib/tokenward')).toBe('tokenward:tokenward 700');
  });

  it('serves a token over the socket and in a file, to those who may ask', async () => {
    await enroll('web-01');
    await host.reaches('tokenward.service', 'StatusText', /^web-01 active, next refresh in \d+ min$/);
    const ask = `curl -sS --fail --unix-socket ${socket} -H 'Accept: text/plain' http://localhost/v1/agents/web-01/token`;
    const token = await host.run('runuser', '-u', 'shipper', '--', 'bash', '-c', ask);
    expect(token).toMatch(/^\S{20,}$/);
    expect(await host.run('runuser', '-u', 'shipper', '--', 'cat', '/run/tokenward/web-01.token')).toBe(
      token,
    );
    expect((await host.try('runuser', '-u', 'nobody', '--', 'bash', '-c', ask)).exitCode).toBe(7);
    expect(await host.events('passed-socket-differs')).toEqual([]);
  });

  it('restarts under clients none of which is let down, and exchanges nothing for that', async () => {
    const loop = `while [ ! -e /tmp/over ]; do curl -sS -o /dev/null -w '%{http_code}\\n' --unix-socket ${socket} http://localhost/v1/agents/web-01/token; done`;
    const clients = [1, 2, 3].map(() => host.shell(`set +e; (${loop}) 2>&1 | sort | uniq -c`));
    for (const _ of [1, 2, 3]) await restart();
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
    await restart();
    const pid = await host.property('tokenward.service', 'MainPID');
    await host.run('systemctl', 'kill', '--signal=STOP', '--kill-who=main', 'tokenward.service');
    await host.reaches('tokenward.service', 'NRestarts', /^1$/);
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
    expect(await host.property('tokenward.service', 'MainPID')).not.toBe(pid);
    await host.agentReaches('web-01', 'active');
    expect(await host.run('journalctl', '--output=cat', 'UNIT=tokenward.service')).toContain(
      'Watchdog timeout',
    );
    await host.run('rm', '/etc/systemd/system/tokenward.service.d/watchdog.conf');
    await host.run('systemctl', 'daemon-reload');
  });

  it('waits for its server longer than a start may take, and is ready when it comes', async () => {
    await host.dropIn('tokenward.service', 'timeout.conf', '[Service]\nTimeoutStartSec=2\n');
    await host.run('systemctl', 'stop', 'emulator', 'tokenward.service');
    await host.shell('rm /var/lib/tokenward/agents/web-01/session.sealed');
    await host.run('systemctl', 'start', '--no-block', 'tokenward.service');
    await host.reaches('tokenward.service', 'StatusText', /^web-01 acquiring, next try/);
    const begun = performance.now();
    await eventually(() => expect(performance.now() - begun).toBeGreaterThan(4_000));
    expect(await host.property('tokenward.service', 'ActiveState')).toBe('activating');
    expect(await host.property('tokenward.service', 'NRestarts')).toBe('0');
    await startEmulator();
    // another server, which knows nothing of the secret: now it is for a person
    await host.reaches('tokenward.service', 'StatusText', /^web-01 revoked, waits for a person/);
    await host.reaches('tokenward.service', 'ActiveState', /^active$/);
    await enroll('web-01');
    await host.run('rm', '/etc/systemd/system/tokenward.service.d/timeout.conf');
    await host.run('systemctl', 'daemon-reload');
  });

  describe('keeps its secrets', () => {
    it('under a wrapping key that systemd hands over', async () => {
      await host.shell(
        `systemd-creds setup > /dev/null 2>&1
head -c 32 /dev/urandom | base64 | systemd-creds encrypt --name=wrapping-key --with-key=host - /etc/tokenward/wrapping-key.cred
install -D -m 0644 -t /etc/systemd/system/tokenward.service.d /opt/tokenward/dist/systemd/examples/tokenward.service.d/wrapping-key.conf
systemctl daemon-reload`,
      );
      await host.write('/etc/tokenward/config.yaml', configOf(['web-01', 'web-02']));
      await restart();
      await enroll('web-02');
      const { generation } = (await host.agent('web-02')).secret;
      await restart();
      await host.agentReaches('web-02', 'active');
      expect((await host.agent('web-02')).secret.generation).toBe(generation);
    });

    it('in the keyring of a host without a desktop', async () => {
      await host.shell(
        `head -c 32 /dev/urandom | base64 | systemd-creds encrypt --name=keyring-password --with-key=host - /etc/tokenward/keyring-password.cred
install -D -m 0644 -t /etc/systemd/system/tokenward.service.d /opt/tokenward/dist/systemd/examples/tokenward.service.d/keyring.conf
systemctl daemon-reload
systemctl enable --now tokenward-keyring.service`,
      );
      await host.write('/etc/tokenward/config.yaml', configOf(['web-01', 'web-02', 'web-03']));
      await restart();
      await enroll('web-03');
      await host.run('systemctl', 'restart', 'tokenward-keyring.service');
      await restart();
      await host.agentReaches('web-03', 'active');
      const { exitCode, stderr } = await host.tokenward('refresh', 'web-03');
      expect(exitCode, stderr).toBe(0);
      expect((await host.agent('web-03')).secret.generation).toBe(3);
    });
  });

  it('tells another unit of a new token', async () => {
    await host.write(
      '/etc/systemd/system/shipper.service',
      `[Service]\nUser=shipper\nRuntimeDirectory=shipper\nExecStart=/bin/bash -c 'trap "echo >> /run/shipper/told" HUP; while :; do sleep 0.1; done'\n`,
    );
    await host.shell(
      'install -D -m 0644 -t /etc/systemd/system/tokenward.service.d /opt/tokenward/dist/systemd/examples/tokenward.service.d/hooks.conf; systemctl daemon-reload; systemctl start shipper.service',
    );
    const hooks = '    hooks: [{ signal: HUP, unit: shipper.service }]\n';
    await host.write('/etc/tokenward/config.yaml', configOf(['web-01'], hooks));
    await restart();
    await host.tokenward('refresh', 'web-01');
    await eventually(() => host.run('test', '-s', '/run/shipper/told'), patience);
  });

  it('stays down with a configuration that cannot be used, until it is mended', async () => {
    await host.write('/etc/tokenward/config.yaml', 'agents: {}\nlistners: []\n');
    expect((await host.try('systemctl', 'restart', 'tokenward.service')).exitCode).not.toBe(0);
    await host.reaches('tokenward.service', 'ActiveState', /^failed$/);
    expect(await host.property('tokenward.service', 'ExecMainStatus')).toBe('78');
    expect(await host.property('tokenward.service', 'NRestarts')).toBe('0');
    await host.write('/etc/tokenward/config.yaml', configOf(['web-01']));
    await restart();
    await host.agentReaches('web-01', 'active');
  });

  it('is taken away, and leaves what is worth keeping', async () => {
    const { stdout, exitCode, stderr } = await host.tokenward('install-systemd', '--uninstall');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('kept, as it is not as it was put in place: /etc/tokenward/config.yaml');
    expect((await host.try('systemctl', 'cat', 'tokenward.service')).exitCode).not.toBe(0);
    expect((await host.try('test', '-e', '/run/tokenward')).exitCode).toBe(1);
    expect(await host.run('id', '-un', 'tokenward')).toBe('tokenward');
    await host.run('rm', '-r', '/etc/tokenward', '/var/lib/tokenward', '/var/lib/tokenward-keyring');
    expect((await host.tokenward('install-systemd', '--uninstall')).stdout).toContain('nothing is left');
    expect((await host.try('id', 'tokenward')).exitCode).toBe(1);
    expect(await host.shell('systemctl list-unit-files | grep -c tokenward || true')).toBe('0');
  });
});
