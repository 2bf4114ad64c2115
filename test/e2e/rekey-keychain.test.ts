import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { keychainItems } from '../adapters/secrets/keychain-setup.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { eventually } from '../support/eventually.ts';
import { fileEvent } from '../support/file-event.ts';
import { createKeychainSite, type KeychainSite } from '../support/keychain-site.ts';
import { keyringParts } from '../support/keyring.ts';
import { matching } from '../support/matching.ts';
import { describePart } from '../support/parts.ts';
import { openedWith } from '../support/sealed-state.ts';

/** `tokenward rekey` with the key in a real gnome-keyring. */

/** Keys of the agent that the keyring has, as base64. The listing fails where the daemon's probe goes away meanwhile. */
async function keysIn({ site, keyring }: KeychainSite): Promise<readonly string[]> {
  const items = await eventually(() => keychainItems({ ...site.env, ...keyring.env }));
  const keys = Object.entries(items).filter(([account]) => account.endsWith('wrapping-key'));
  return keys.map(([, value]) => Buffer.from(value, 'base64url').toString('base64'));
}

async function begun(kept: KeychainSite): Promise<string> {
  await kept.site.provision();
  kept.site.run();
  await kept.site.reaches({ state: 'active' });
  const [key = ''] = await keysIn(kept);
  return key;
}

describePart(keyringParts, 'tokenward rekey with a keychain', () => {
  it('replaces the key, with the daemon and past it', async () => {
    await using kept = await createKeychainSite();
    const { site } = kept;
    let before = await begun(kept);
    for (const running of [true, false]) {
      if (!running) await site.daemons.at(-1)?.end('SIGTERM');
      const { exitCode, stdout, stderr } = await site.cli(['rekey', site.agent]);
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toContain(`${site.agent}: sealed anew: secret, journal, session`);
      const [after = '', ...others] = await keysIn(kept);
      expect([after === before, others]).toEqual([false, []]);
      expect(await openedWith(site.stateDir, before)).toEqual([]);
      expect(await openedWith(site.stateDir, after)).toHaveLength(2);
      before = after;
    }
    site.run();
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
    expect(site.exchanges).toBe(1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
  });

  it('loses nothing when it is killed at any moment', async () => {
    await using kept = await createKeychainSite();
    const { site } = kept;
    await begun(kept);
    const random = new SeededRandom(20_261_122);
    let halfDone = 0;
    for (const _ of Array(8).keys()) {
      const proved = fileEvent(join(site.stateDir, 'agents', site.agent), 'journal-probe.sealed');
      const rekeyed = site.client.rekey(site.agent, false).catch(() => null);
      // from there on it is at work in the keychain
      await Promise.race([proved, rekeyed]);
      await pause(random.below(1_200));
      await site.daemons.at(-1)?.end('SIGKILL');
      await rekeyed;
      if ((await keysIn(kept)).length > 1) halfDone += 1;
      site.run();
      await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
      await eventually(async () => expect(await keysIn(kept)).toHaveLength(1), { withinMs: 20_000 });
      await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
      const [key = ''] = await keysIn(kept);
      expect(await openedWith(site.stateDir, key)).toHaveLength(2);
    }
    expect(site.exchanges).toBe(1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    // else nothing was tried here
    expect(halfDone).toBeGreaterThan(0);
  });

  it('changes nothing while the keyring is locked', async () => {
    await using kept = await createKeychainSite();
    const { site, keyring } = kept;
    const before = await begun(kept);
    await keyring.lock();
    const refused = { exitCode: 75, stderr: matching('(STORE_LOCKED)') };
    expect(await site.cli(['rekey', site.agent])).toMatchObject(refused);
    await keyring.unlock();
    expect(await keysIn(kept)).toEqual([before]);
    await site.reaches({ state: 'active', alerts: [] });
    expect((await site.cli(['rekey', site.agent])).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
  });
});
