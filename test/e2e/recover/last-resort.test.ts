import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { createKeychainSite } from '../../support/keychain-site.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';
import { expectTold } from '../bad-input/told.ts';
import { begun, fileOf } from './stuck.ts';

/** Where nothing that is here can be used: everything is set aside, and a new secret is enrolled. */

async function enrollsAnew(site: Installation): Promise<void> {
  const args = ['--name', 'another', '--admin-token-file', site.adminTokenFile];
  const ran = await site.cli(['enroll', site.agent, ...args]);
  expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
}

/** Names of what was set aside. */
async function asideIn(site: Installation): Promise<readonly string[]> {
  const folder = join(site.stateDir, 'agents', site.agent);
  const asides = (await readdir(folder)).filter((name) => name.startsWith('set-aside-'));
  const found = await Promise.all(asides.map((name) => readdir(join(folder, name))));
  return found.flat().toSorted();
}

const losses = [
  {
    name: 'a lost key file',
    lose: (site: Installation) => rm(join(site.stateDir, 'wrapping.key')),
    says: ['bring it back from a backup', '--action set-aside'],
  },
  {
    name: 'another key in its place',
    lose: (site: Installation) =>
      writeFile(join(site.stateDir, 'wrapping.key'), `${Buffer.alloc(32, 1).toString('base64')}\n`),
    says: ['nothing here holds a secret that can be read', '--action set-aside'],
  },
] as const;

describe.each(losses)('$name', ({ lose, says }) => {
  it('is told, and ended by name only, through the daemon', async () => {
    await using site = await begun();
    await lose(site);
    const daemon = site.run();
    await site.reaches({ token: { status: 'none' } });
    const told = await site.cli(['recover', site.agent, '--yes']);
    expectTold(told, { code: 'RECOVERY_NOT_POSSIBLE', exitCode: 77, says });
    expect(await asideIn(site)).toEqual([]);
    const ran = await site.cli(['recover', site.agent, '--action', 'set-aside', '--yes']);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    await site.reaches({ state: 'unprovisioned' });
    expect(await asideIn(site)).toEqual(['journal.sealed', 'secret.sealed', 'session.sealed']);
    await enrollsAnew(site);
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
    await daemon.end();
  });

  it('is ended without a daemon', async () => {
    await using site = await begun();
    await lose(site);
    const ran = await site.cli(['recover', site.agent, '--action', 'set-aside', '--yes']);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    expect(ran.stdout).toMatch(/set aside: .*set-aside-\d{4}-/);
    await enrollsAnew(site);
    site.run();
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
  });
});

describe('a key that comes back', () => {
  it('ends the matter by itself', async () => {
    await using site = await begun();
    const key = join(site.stateDir, 'wrapping.key');
    await rename(key, `${key}.aside`);
    site.run();
    await site.reaches({ secret: { status: 'unreachable' } });
    expect((await site.cli(['recover', site.agent, '--yes'])).exitCode).toBe(77);
    await rename(`${key}.aside`, key);
    await site.reaches({ state: 'active', alerts: [] });
    const ran = await site.cli(['recover', site.agent]);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await asideIn(site)).toEqual([]);
  });
});

describePart(keyringParts, 'a secret in the keychain', () => {
  it('is taken over into a state folder that was made anew', async () => {
    await using kept = await createKeychainSite();
    const { site } = kept;
    await site.provision();
    const first = site.run();
    await site.reaches({ state: 'active' });
    await first.end();
    await rm(join(site.stateDir, 'agents'), { recursive: true });

    const daemon = site.run();
    await site.reaches({ state: 'blocked', alerts: [{ code: 'STORE_MISMATCH' }] });
    const ran = await site.cli(['recover', site.agent, '--yes']);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    await site.reaches({ state: 'active', secret: { generation: 2 }, alerts: [] });
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ spentSecretUses: 0 });
    await daemon.end();
  });

  it('is set aside, sealed as it is, before it is removed', async () => {
    await using kept = await createKeychainSite();
    const { site, keyring } = kept;
    await site.provision();
    const first = site.run();
    await site.reaches({ state: 'active' });
    await first.end();
    await rm(fileOf(site, 'journal'));
    const ran = await site.cli(['recover', site.agent, '--action', 'set-aside', '--yes']);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    expect(await asideIn(site)).toEqual(['keychain-current.base64url', 'session.sealed']);
    expect(JSON.stringify(await keyring.items())).not.toContain(`${site.agent}/current`);
    await enrollsAnew(site);
    site.run();
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
  });

  it('that is locked is not recovered from', async () => {
    await using kept = await createKeychainSite();
    const { site, keyring } = kept;
    await site.provision();
    await keyring.lock();
    const ran = await site.cli(['recover', site.agent, '--yes']);
    expectTold(ran, { code: 'STORE_LOCKED', exitCode: 75, says: ['before the store answers'] });
  });
});
