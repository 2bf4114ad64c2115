import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describeContainers } from '../support/docker.ts';
import { installedByCommand } from './by-command.ts';
import type { SystemdHost } from './host.ts';
import { LogHost, patience } from './log-host.ts';

describeContainers('tokenward and what systemd gives it', () => {
  let site: LogHost;
  let host: SystemdHost;

  beforeAll(async () => {
    site = await LogHost.create(await installedByCommand());
    ({ host } = site);
    await site.enable();
    await site.enroll('web-01');
  });

  afterAll(() => site?.[Symbol.asyncDispose]());

  /** A random secret as a credential, sealed with the key of the host. */
  const seal = (name: string) =>
    host.shell(
      `head -c 32 /dev/urandom | base64 | systemd-creds encrypt --name=${name} --with-key=host - /etc/tokenward/${name}.cred`,
    );

  describe('keeps its secrets', () => {
    it('under a wrapping key that systemd hands over', async () => {
      await seal('wrapping-key');
      await site.example('wrapping-key.conf');
      await site.configure(['web-01', 'web-02']);
      await site.restart();
      await site.enroll('web-02');
      const { generation } = (await host.agent('web-02')).secret;
      await site.restart();
      await host.agentReaches('web-02', 'active');
      expect((await host.agent('web-02')).secret.generation).toBe(generation);
    });

    it('in the keyring of a host without a desktop', async () => {
      await seal('keyring-password');
      await site.example('keyring.conf');
      await host.run('systemctl', 'enable', '--now', 'tokenward-keyring.service');
      await site.configure(['web-01', 'web-02', 'web-03']);
      await site.restart();
      await site.enroll('web-03');
      // The keyring alone, as after a crash; and the bus with it.
      await host.shell('pkill -KILL gnome-keyring; pkill -KILL dbus-daemon -u tokenward');
      await host.reaches('tokenward-keyring.service', 'NRestarts', /^1$/);
      await site.restart();
      await host.agentReaches('web-03', 'active');
      const { exitCode, stderr } = await host.tokenward('refresh', 'web-03');
      expect(exitCode, stderr).toBe(0);
      expect((await host.agent('web-03')).secret.generation).toBe(2);
    });
  });

  it('tells another unit of a new token', async () => {
    await host.write(
      '/etc/systemd/system/shipper.service',
      `[Service]\nUser=shipper\nRuntimeDirectory=shipper\nExecStart=/bin/bash -c 'trap "echo >> /run/shipper/told" HUP; while :; do sleep 0.1; done'\n`,
    );
    await site.example('hooks.conf');
    await host.run('systemctl', 'start', 'shipper.service');
    const hooks = '    hooks: [{ signal: HUP, unit: shipper.service }]\n';
    await site.configure(['web-01'], hooks);
    await site.restart();
    await host.tokenward('refresh', 'web-01');
    await eventually(async () => expect(await host.run('cat', '/run/shipper/told')).toBe(''), patience);
    expect(await host.events('hook-failed')).toEqual([]);
  });

  it('is a service of one user, too', async () => {
    await host.shell('useradd --create-home --uid 1000 desk; systemctl start user@1000.service');
    const asUser = (command: string) =>
      host.run(
        'runuser',
        '-u',
        'desk',
        '--',
        'env',
        'HOME=/home/desk',
        'XDG_RUNTIME_DIR=/run/user/1000',
        'sh',
        '-c',
        command,
      );
    await asUser('tokenward install-systemd --user');
    // no keyring here, and the home folder goes with the container
    await asUser(
      "sed -i 's/store: keychain/store: file/; 1i allow_ephemeral: true' ~/.config/tokenward/config.yaml",
    );
    await asUser('systemctl --user enable --now tokenward.socket tokenward.service');
    const status = await asUser('tokenward status --config ~/.config/tokenward/config.yaml --json');
    expect(JSON.parse(status)).toMatchObject({ agents: [{ agent: 'web-01', state: 'unprovisioned' }] });
    await asUser('tokenward install-systemd --user --uninstall');
    expect((await host.try('test', '-e', '/run/user/1000/tokenward/tokenward.sock')).exitCode).toBe(1);
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
