import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createKeychainSite } from '../support/keychain-site.ts';
import { keyringParts } from '../support/keyring.ts';
import { matching } from '../support/matching.ts';
import { describePart } from '../support/parts.ts';

/** The main job with the secret in a real gnome-keyring. */

describePart(keyringParts, 'a secret in the keychain', () => {
  it('is enrolled, rotated and kept through kills, with nothing of it in the state folder', async () => {
    await using kept = await createKeychainSite();
    const { site } = kept;
    const { agent } = site;
    expect(await site.cli(['enroll', agent, '--admin-token-file', site.adminTokenFile])).toMatchObject({
      exitCode: 0,
      stdout: matching('stored'),
    });
    const daemon = site.run();
    await site.reaches({ state: 'active', secret: { store: 'keychain', status: 'held', generation: 1 } });
    for (const _ of [1, 2]) expect((await site.cli(['refresh', agent])).exitCode).toBe(0);
    const { token } = await site.reaches({ state: 'active', secret: { generation: 3 } });
    await daemon.end('SIGKILL');

    const next = site.run();
    await site.reaches({
      state: 'active',
      token: { fingerprint: token.fingerprint },
      secret: { generation: 3 },
    });
    expect(site.exchanges).toBe(3);
    expect((await site.cli(['refresh', agent])).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { generation: 4 }, alerts: [] });
    expect(await next.end('SIGTERM')).toMatchObject({ exitCode: 0 });

    const files = await readdir(join(site.stateDir, 'agents', agent));
    expect(files.toSorted()).toEqual(['journal.sealed', 'session.sealed']);
    expect(await kept.keyring.items()).not.toEqual([]);
    expect(site.emulator.state()).toMatchObject({
      exchanges: { granted: 4, refused: 0 },
      secrets: { [agent]: { generation: 4, spentSecretUses: 0 } },
    });
  });

  it('survives the death of the keyring, which knows the newest one when it is back', async () => {
    await using kept = await createKeychainSite();
    const { site, keyring } = kept;
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    for (const generation of [2, 3]) {
      expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
      await keyring.killDaemon();
      await keyring.startDaemon();
      await site.reaches({ state: 'active', secret: { generation } });
    }
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ generation: 4, spentSecretUses: 0 });
  });
});
