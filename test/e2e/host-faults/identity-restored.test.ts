import { copyFile, cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { createKeychainSite } from '../../support/keychain-site.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';
import { Witness } from '../../support/witness.ts';
import { expectAlert, expectTold } from '../bad-input/told.ts';

/** While no daemon runs, a backup comes back: of everything, or of a part. */

const recordsOf = (site: Installation) => join(site.stateDir, 'agents', site.agent);

/** A copy of the state folder as it is now. */
async function backup(site: Installation): Promise<string> {
  const folder = await mkdtemp(join(site.folder, 'backup-'));
  await cp(site.stateDir, folder, { recursive: true });
  return folder;
}

async function restore(site: Installation, folder: string): Promise<void> {
  await rm(site.stateDir, { recursive: true });
  await cp(folder, site.stateDir, { recursive: true });
}

/** Records of the agent alone, from a backup. */
async function restoreRecords(site: Installation, folder: string, ...names: string[]): Promise<void> {
  for (const name of names)
    await copyFile(join(folder, 'agents', site.agent, name), join(recordsOf(site), name));
}

/** An agent of generation 2 whose daemon has ended, with a backup from when it was at generation 1. */
async function oneBehind(site: Installation) {
  const first = await Witness.begin(site);
  const old = await backup(site);
  await first.goesOn();
  const newer = await Witness.of(site, first.daemon);
  await newer.daemon.end();
  return { old, newer, first };
}

describe('a secret in a file', () => {
  it.concurrent('and all else from the backup: spent, which only the server can tell', async ({ expect }) => {
    await using site = await Installation.create();
    const { old, newer, first } = await oneBehind(site);
    await restore(site, old);
    const daemon = site.run();
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
    // a token outlives its secret
    expect((await site.token()) === first.token).toBe(true);
    expect(site.exchanges).toBe(newer.exchanges);

    const told = { code: 'SECRET_REVOKED', exitCode: 77, says: [] } as const;
    expectTold(await site.cli(['refresh', site.agent]), told);
    const status = await site.reaches({ state: 'revoked', token: { status: 'valid' } });
    const says = [
      'a restored backup of the state folder',
      'the token is served until',
      'tokenward enroll web-01',
    ];
    expectAlert(status, { ...told, severity: 'critical', says });
    await daemon.logged('alert-firing', { code: 'SECRET_REVOKED' });
    expect((await site.token()) === first.token).toBe(true);
    await site.tokenFileHolds(first.token);
    expect(site.exchanges).toBeLessThanOrEqual(newer.exchanges + 2);

    const args = ['enroll', site.agent, '--admin-token-file', site.adminTokenFile, '--name', 'again'];
    expect(await site.cli(args)).toMatchObject({ exitCode: 0 });
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
  });

  it.concurrent('that is newer than the journal is taken over', async ({ expect }) => {
    await using site = await Installation.create();
    const { old, newer } = await oneBehind(site);
    await restoreRecords(site, old, 'journal.sealed', 'session.sealed');
    const daemon = site.run();
    await daemon.logged('newer-secret-adopted', { generation: 2 });
    const next = await Witness.of(site, daemon);
    expect(next).toMatchObject({ generation: 2, exchanges: newer.exchanges });
    await next.goesOn();
  });

  it.concurrent('that is older than the journal, or gone, is written again', async ({ expect }) => {
    await using site = await Installation.create();
    const { old, newer } = await oneBehind(site);
    await restoreRecords(site, old, 'secret.sealed');
    const daemon = site.run();
    await daemon.logged('secret-recommitted', { generation: 2 });
    const next = await Witness.of(site, daemon);
    expect(next.token === newer.token).toBe(true);
    expect(next).toMatchObject({ generation: 2, exchanges: newer.exchanges });
    await daemon.end();

    await rm(join(recordsOf(site), 'secret.sealed'));
    const again = site.run();
    await again.logged('secret-recommitted', { generation: 2 });
    await (await Witness.of(site, again)).goesOn();
  });

  it.concurrent('of the same generation, but of another line, is not touched', async ({ expect }) => {
    await using site = await Installation.create();
    const { old, newer } = await oneBehind(site);
    const good = await backup(site);
    // the other line: the backup goes on with a secret that was handed over
    await restore(site, old);
    const args = ['enroll', site.agent, '--admin-token-file', site.adminTokenFile, '--name', 'another'];
    expect(await site.cli(args)).toMatchObject({ exitCode: 0 });
    const other = site.run();
    await site.reaches({ state: 'active', secret: { generation: 2 } });
    await other.end();
    await restoreRecords(site, good, 'journal.sealed', 'session.sealed');
    const { exchanges } = site;

    const daemon = site.run();
    const says = ['another secret of generation 2', 'spent', 'tokenward enroll web-01'];
    const told = { code: 'STATE_ROLLED_BACK', exitCode: 78, says } as const;
    const status = await site.reaches({
      state: 'blocked',
      token: { status: 'valid' },
      secret: { status: 'blocked' },
    });
    expectAlert(status, { ...told, severity: 'critical' });
    await daemon.logged('alert-firing', { code: 'STATE_ROLLED_BACK', severity: 'critical' });
    expectTold(await site.cli(['refresh', site.agent]), told);
    expect((await site.token()) === newer.token).toBe(true);
    await site.tokenFileHolds(newer.token);
    expect(site.exchanges).toBe(exchanges);

    const anew = ['enroll', site.agent, '--admin-token-file', site.adminTokenFile, '--name', 'third'];
    expect(await site.cli(anew)).toMatchObject({ exitCode: 0 });
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 3 }, alerts: [] });
    expect(site.emulator.state().secrets).toMatchObject({
      'web-01': { spentSecretUses: 0 },
      another: { spentSecretUses: 0 },
    });
  });
});

describePart(keyringParts, 'a secret in the keychain', () => {
  it.concurrent('that is newer than the restored state folder is taken over', async ({ expect }) => {
    await using kept = await createKeychainSite();
    const { site } = kept;
    const { old, newer } = await oneBehind(site);
    await restore(site, old);
    const daemon = site.run();
    await daemon.logged('newer-secret-adopted', { generation: 2 });
    const next = await Witness.of(site, daemon);
    expect(next).toMatchObject({ generation: 2, exchanges: newer.exchanges });
    await next.goesOn();
  });

  it.concurrent('that was restored with its keyring is written again from the journal', async ({
    expect,
  }) => {
    await using kept = await createKeychainSite();
    const { site, keyring } = kept;
    const first = await Witness.begin(site);
    const data = keyring.env['XDG_DATA_HOME'] ?? '';
    const old = join(site.folder, 'keyring');
    await cp(data, old, { recursive: true });
    await first.goesOn();
    const newer = await Witness.of(site, first.daemon);
    await newer.daemon.end();
    await keyring.killDaemon();
    await rm(data, { recursive: true });
    await cp(old, data, { recursive: true });
    await keyring.startDaemon();

    const daemon = site.run();
    await daemon.logged('secret-recommitted', { generation: 2 });
    const next = await Witness.of(site, daemon);
    expect(next.token === newer.token).toBe(true);
    expect(next).toMatchObject({ generation: 2, exchanges: newer.exchanges });
    await next.goesOn();
  });

  it.concurrent('without its state folder is not touched before that is back', async ({ expect }) => {
    await using kept = await createKeychainSite();
    const { site } = kept;
    const first = await Witness.begin(site);
    await first.daemon.end();
    const aside = join(site.folder, 'aside');
    await rename(site.stateDir, aside);

    const daemon = site.run();
    const says = ['another state folder wrote', 'bring back the state folder'];
    const told = { code: 'STORE_MISMATCH', exitCode: 78, says } as const;
    const status = await site.reaches({ state: 'blocked', token: { status: 'none' } });
    expectAlert(status, { ...told, severity: 'critical' });
    await daemon.logged('alert-firing', { code: 'STORE_MISMATCH' });
    expectTold(await site.cli(['refresh', site.agent]), told);
    expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), told);
    expect((await site.ask('/v1/token')).status).toBe(503);
    // it may still be good, and nobody can tell
    expect((await site.readTokenFile()) === first.token).toBe(true);
    expect(site.exchanges).toBe(first.exchanges);
    await daemon.end();

    await rm(site.stateDir, { recursive: true });
    await rename(aside, site.stateDir);
    const next = await Witness.of(site, site.run());
    expect(next.token === first.token).toBe(true);
    await next.goesOn();
  });
});
