import { it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { describeRoot } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { Witness } from '../../support/witness.ts';
import { expectAlert, expectTold } from '../bad-input/told.ts';

/** A daemon that is started while the disk of its state folder is in trouble: it runs, says so, and goes on once it can. */

const unreachable = {
  state: 'acquiring',
  token: { status: 'none' },
  secret: { status: 'unreachable' },
} as const;

describeRoot('a start', () => {
  it.concurrent('of a new installation on a full disk', async ({ expect }) => {
    // the id of the volume, which a container needs, has no room
    await using site = await Installation.create({ env: { container: 'tests' } });
    await using disk = await SmallDisk.at(site.stateDir);
    await disk.fill();
    const daemon = site.run({ through: disk.through });
    const says = ['the disk is full', 'free some space', 'ENOSPC'];
    const status = await site.reaches(unreachable);
    expectAlert(status, { code: 'STORE_UNAVAILABLE', severity: 'critical', says });
    await daemon.logged('alert-firing', { code: 'STORE_UNAVAILABLE', severity: 'critical' });
    const imported = await site.cli(['import', site.agent], {
      stdin: site.emulator.createSecret(site.agent),
    });
    expect(imported).toMatchObject({ exitCode: 78 });
    expect(imported.stderr).toContain('the disk is full');
    expect(site.exchanges).toBe(0);

    await disk.free();
    await site.reaches({ state: 'unprovisioned', alerts: [] }, { withinMs: 32_000 });
    site.emulator.revoke(site.agent);
    await site.provision();
    await (await Witness.of(site, daemon)).goesOn();
  });

  it.concurrent('on a disk that may only be read: nothing is served without the locks', async ({
    expect,
  }) => {
    await using site = await Installation.create();
    await using disk = await SmallDisk.at(site.stateDir);
    const first = await Witness.begin(site, { through: disk.through });
    await first.daemon.end();
    await disk.becomeReadOnly();

    const daemon = site.run({ through: disk.through });
    const says = ['the file system is read-only', 'EROFS'];
    const status = await site.reaches(unreachable);
    expectAlert(status, { code: 'STORE_UNAVAILABLE', severity: 'critical', says });
    await daemon.logged('alert-firing', { code: 'STORE_UNAVAILABLE', severity: 'critical' });
    expectTold(await site.cli(['refresh', site.agent]), { code: 'STORE_UNAVAILABLE', exitCode: 75, says });
    expect((await site.ask('/v1/token')).status).toBe(503);
    await site.tokenFileHolds(first.token);
    expect(site.exchanges).toBe(first.exchanges);

    await disk.becomeWritable();
    await site.reaches({ state: 'active', alerts: [] }, { withinMs: 32_000 });
    const next = await Witness.of(site, daemon);
    expect(next.token === first.token).toBe(true);
    await next.goesOn();
  });
});
