import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describePart } from '../../support/parts.ts';
import { describeContainers } from '../support/docker.ts';
import { laterPackage, productPackage } from '../support/product-package.ts';
import { installedByPackage } from '../systemd/by-package.ts';
import { SystemdHost } from '../systemd/host.ts';

const socket = '/run/tokenward/tokenward.sock';
const patience = { withinMs: 60_000, everyMs: 100 };

/** What an administrator changes of the configuration that the package brings. */
const changes = `s|https://logs.example.com|https://127.0.0.1:8443|
s|# tls: { ca_file: /etc/tokenward/ca.pem }|tls: { ca_file: /etc/tokenward/ca.pem }|`;

/** One host, from the installation of the package to its purge: each test goes on where the one before ended. */
describeContainers('a host with systemd and the Debian package', () => {
  describePart(['debhelper', 'dpkg-dev'], 'of this source', () => {
    let host: SystemdHost;
    let later: string;

    beforeAll(async () => {
      later = await mkdtemp(join(tmpdir(), 'tokenward-later-'));
      await laterPackage(await productPackage(), join(later, 'later.deb'));
      host = await SystemdHost.boot(await installedByPackage([`--volume=${later}:/srv/later:ro`]));
    });

    afterAll(async () => {
      await host?.[Symbol.asyncDispose]();
      await rm(later, { recursive: true, force: true });
    });

    const isEnabled = async (unit: string): Promise<string> =>
      (await host.try('systemctl', 'is-enabled', unit)).stdout.trim();

    const token = (): Promise<string> =>
      host.shell(`curl -sS --fail --unix-socket ${socket} -H 'Accept: text/plain' http://localhost/v1/token`);

    const exchanges = async (): Promise<number> => (await host.events('exchange-granted')).length;

    it('is set up and starts nothing before it is configured', async () => {
      expect(await isEnabled('tokenward.service')).toBe('disabled');
      expect(await isEnabled('tokenward.socket')).toBe('disabled');
      expect(await host.property('tokenward.service', 'ActiveState')).toBe('inactive');
      expect(await host.run('id', '-Gn', 'tokenward')).toBe('tokenward tokenward-clients');
      expect(await host.run('stat', '-c', '%U %a', '/run/tokenward', '/etc/tokenward/config.yaml')).toBe(
        'tokenward 755\nroot 644',
      );
      expect((await host.try('/usr/bin/tokenward', '--version')).stdout).toContain('0.1.0');
      expect(await host.shell('ls /etc/systemd/user/*/ 2> /dev/null || true')).not.toContain('tokenward');
    });

    it('reaches active with the configuration that it brings, and serves a token', async () => {
      await host.shell(
        'systemd-run --quiet --unit=emulator tokenward emulator --listen 127.0.0.1:8443 --tls-dir /srv/tls',
      );
      await eventually(() => host.run('cp', '/srv/tls/ca.pem', '/etc/tokenward/ca.pem'), patience);
      await host.run('sed', '-i', changes, '/etc/tokenward/config.yaml');
      await host.run('systemctl', 'enable', '--now', 'tokenward.socket', 'tokenward.service');
      await host.shell('echo emulator-admin > /root/administrator; chmod 600 /root/administrator');
      await host.run('tokenward', 'enroll', 'web-01', '--admin-token-file', '/root/administrator');
      await host.agentReaches('web-01', 'active');
      expect(await host.run('cat', '/run/tokenward/web-01.token')).toBe(await token());
      const pid = await host.property('tokenward.service', 'MainPID');
      expect(await host.run('cat', `/proc/${pid}/cmdline`)).toMatch(/^\/usr\/lib\/tokenward\/node\0/);
    });

    it('is upgraded under clients none of which is let down, and exchanges nothing for that', async () => {
      const before = {
        token: await token(),
        exchanges: await exchanges(),
        pid: await host.property('tokenward.service', 'MainPID'),
      };
      const loop = `while [ ! -e /tmp/over ]; do curl -sS -o /dev/null -w '%{http_code}\\n' --unix-socket ${socket} http://localhost/v1/token; done`;
      const client = host.shell(`set +e; (${loop}) 2>&1 | sort | uniq -c`);
      await host.run('dpkg', '--install', '/srv/later/later.deb');
      await eventually(async () => {
        expect(await host.property('tokenward.service', 'MainPID')).not.toBe(before.pid);
        expect(await host.property('tokenward.service', 'ActiveState')).toBe('active');
      }, patience);
      await host.run('touch', '/tmp/over');
      expect((await client).trim()).toMatch(/^\d+ 200$/);
      expect(await host.run('dpkg-query', '--show', '--showformat=${Version}', 'tokenward')).toMatch(
        /\+later$/,
      );
      expect({ token: await token(), exchanges: await exchanges() }).toEqual({
        token: before.token,
        exchanges: before.exchanges,
      });
      expect(await host.run('cat', '/run/tokenward/web-01.token')).toBe(before.token);
      expect(await host.shell('ls /etc/tokenward')).not.toContain('dpkg');
    });

    it('takes its wrapping key and its keyring from the examples that it brings', async () => {
      await host.shell(`systemd-creds setup > /dev/null 2>&1
for name in wrapping-key keyring-password; do
  head -c 32 /dev/urandom | base64 | systemd-creds encrypt --name=$name --with-key=host - /etc/tokenward/$name.cred
done
cd /usr/share/doc/tokenward/examples/systemd/tokenward.service.d
install -D -m 0644 -t /etc/systemd/system/tokenward.service.d wrapping-key.conf keyring.conf
systemctl daemon-reload
systemctl enable --now tokenward-keyring.service
sed -n '/^  web-01:/,/secret:/p' /etc/tokenward/config.yaml > /tmp/agent
{ sed 's/web-01/web-02/; s/store: file/store: file, credential: wrapping-key/' /tmp/agent
  sed 's/web-01/web-03/; s/store: file/store: keychain/' /tmp/agent; } > /tmp/agents
sed -i '/^agents:/r /tmp/agents' /etc/tokenward/config.yaml
systemctl restart tokenward.service`);
      for (const agent of ['web-02', 'web-03']) {
        await host.run('tokenward', 'enroll', agent, '--admin-token-file', '/root/administrator');
        await host.agentReaches(agent, 'active');
      }
      expect(await host.run('ls', '/var/lib/tokenward-keyring/keyrings')).toContain('.keyring');
    });

    it('is removed and leaves its state, with which it goes on when it is there again', async () => {
      const before = await exchanges();
      await host.run('dpkg', '--remove', 'tokenward');
      expect(
        (await host.try('systemctl', 'is-active', 'tokenward.service', 'tokenward.socket')).stdout,
      ).not.toMatch(/^active/m);
      expect((await host.try('pgrep', '--uid', 'tokenward')).stdout).toBe('');
      expect(await host.shell('ls /usr/lib/tokenward 2> /dev/null || echo none')).toBe('none');
      await host.run('test', '-s', '/var/lib/tokenward/agents/web-01/secret.sealed');
      await host.run('grep', '-q', '127.0.0.1:8443', '/etc/tokenward/config.yaml');
      await host.run('dpkg', '--install', '/srv/later/later.deb');
      for (const agent of ['web-01', 'web-02', 'web-03']) await host.agentReaches(agent, 'active');
      expect(await exchanges()).toBe(before);
    });

    it('is purged with its state, and touches nothing else', async () => {
      await host.shell('mkdir -p /var/lib/tokenward-other; echo mine > /etc/tokenward/mine');
      await host.run('dpkg', '--purge', 'tokenward');
      expect(await host.shell('ls -d /var/lib/tokenward* /run/tokenward* 2> /dev/null || true')).toBe(
        '/var/lib/tokenward-other',
      );
      // what the administrator put there
      expect(await host.shell('ls -A /etc/tokenward')).toBe(
        'ca.pem\nkeyring-password.cred\nmine\nwrapping-key.cred',
      );
      expect(await host.shell("dpkg-query --show 'tokenward*' 2> /dev/null || true")).toBe('');
      expect((await host.try('systemctl', 'cat', 'tokenward.service', 'tokenward.socket')).exitCode).not.toBe(
        0,
      );
      expect(
        await host.shell('find /etc/systemd /var/lib/systemd -name "tokenward*" ! -path "*.service.d*"'),
      ).toBe('');
    });
  });
});
