import { chown, stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Installation } from '../support/installation.ts';
import { describeRoot, strangers } from '../support/root.ts';

const { alice } = strangers;

describeRoot('a daemon without root', () => {
  it('does everything as a user that no system knows', async () => {
    await using site = await Installation.create({
      config: { socket: { allow: [{ user: alice, may: ['token', 'status', 'admin'] }] } },
    });
    for (const path of [site.folder, site.stateDir, site.configFile, site.adminTokenFile])
      await chown(path, alice, alice);
    const as = { uid: alice, gid: alice };
    const enroll = ['enroll', 'web-01', '--admin-token-file', site.adminTokenFile];
    expect(await site.cli(enroll, as)).toMatchObject({ exitCode: 0, stderr: '' });
    const daemon = site.run(as);
    await daemon.logged('state-changed', { state: 'active' });

    expect(await site.cli(['refresh', 'web-01'], as)).toMatchObject({ exitCode: 0 });
    const served = (await site.cli(['token', 'web-01'], as)).stdout;
    expect((await site.ask('/v1/token', ['-H', 'Accept: text/plain'], as)).body === served).toBe(true);
    await site.tokenFileHolds(served);
    const { uid, mode } = await stat(site.tokenFile);
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: alice, mode: 0o600 });
    await daemon.end('SIGKILL');

    site.run(as);
    const status = await site.daemons.at(-1)?.logged('state-changed', { state: 'active' });
    expect(status).toBeDefined();
    expect(JSON.parse((await site.cli(['status', 'web-01', '--json'], as)).stdout)).toMatchObject({
      state: 'active',
      secret: { generation: 2 },
      alerts: [],
    });
    const secret = site.emulator.createSecret('another');
    expect(await site.cli(['import', 'web-01'], { ...as, stdin: secret })).toMatchObject({ exitCode: 0 });
    expect(site.exchanges).toBe(3);
    // nobody else was named, not even root
    expect((await site.ask('/v1/token')).status).toBe(403);
  });
});
