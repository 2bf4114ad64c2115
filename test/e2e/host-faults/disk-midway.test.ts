import { it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { describeRoot } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { Witness } from '../../support/witness.ts';
import { expectAlert, expectTold } from '../bad-input/told.ts';

/**
 * The disk fails after the pre-flight, while the answer is on its way: the server has spent the old secret, and the new one
 * has nowhere to go. It stays in memory with its token, nothing else is sent, and it is saved once it can be.
 */

const faults = [
  {
    what: 'full',
    errno: 'ENOSPC',
    begin: (disk: SmallDisk) => disk.fill(),
    end: (disk: SmallDisk) => disk.free(),
  },
  {
    what: 'read-only',
    errno: 'EROFS',
    begin: (disk: SmallDisk) => disk.becomeReadOnly(),
    end: (disk: SmallDisk) => disk.becomeWritable(),
  },
] as const;

describeRoot('a disk that is suddenly', () => {
  it.concurrent.for(faults)(
    '$what: the secret stays in memory, and is saved later',
    async ({ errno, begin, end }, { expect }) => {
      await using site = await Installation.create({ config: { agent: { exchange_deadline: '5s' } } });
      await using disk = await SmallDisk.at(site.stateDir);
      const before = await Witness.begin(site, { through: disk.through });
      const { daemon, token, exchanges } = before;
      const refresh = await before.slowRefresh();
      await begin(disk);

      const says = ['held in memory only', errno, 'do not stop the daemon, mend the store'];
      const status = await site.reaches({
        state: 'degraded',
        token: { status: 'valid', sequence: 2 },
        secret: { status: 'memory_only', persisted: false },
      });
      expectAlert(status, { code: 'SECRET_NOT_PERSISTED', severity: 'critical', says });
      expectTold(await refresh.ended, {
        code: 'SECRET_NOT_PERSISTED',
        exitCode: 75,
        says: ['could not be saved', errno],
      });
      const told = { code: 'SECRET_NOT_PERSISTED', exitCode: 75, says: ['could not be saved yet'] } as const;
      expectTold(await site.cli(['refresh', site.agent]), told);
      expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), told);
      const next = await site.token();
      expect(next === token).toBe(false);
      await site.tokenFileHolds(next);
      expect((await site.ask('/readyz')).status).toBe(503);
      expect(site.exchanges).toBe(exchanges + 1);

      await end(disk);
      await site.reaches({
        state: 'active',
        secret: { status: 'held', generation: 2, persisted: true },
        alerts: [],
      });
      expect((await site.token()) === next).toBe(true);
      expect(site.exchanges).toBe(exchanges + 1);
      await daemon.end('SIGKILL');

      const witness = await Witness.of(site, site.run({ through: disk.through }));
      expect(witness.token === next).toBe(true);
      await witness.goesOn();
    },
  );

  it.concurrent('full, and then told to stop: it waits for the disk', async ({ expect }) => {
    await using site = await Installation.create();
    await using disk = await SmallDisk.at(site.stateDir);
    const before = await Witness.begin(site, { through: disk.through });
    const { daemon, exchanges } = before;
    await before.slowRefresh();
    await disk.fill();
    await site.reaches({ secret: { status: 'memory_only' } });

    daemon.signal('SIGTERM');
    await daemon.logged('stopping');
    const tries = daemon.events('save-failed').length;
    await eventually(() => expect(daemon.events('save-failed').length).toBeGreaterThan(tries + 1));
    await disk.free();
    expect(await daemon.ended()).toMatchObject({ exitCode: 0, stderr: '' });

    const witness = await Witness.of(site, site.run({ through: disk.through }));
    expect(witness.generation).toBe(2);
    expect(witness.exchanges).toBe(exchanges + 1);
    await witness.goesOn();
  });

  it.concurrent('full, and never mended: the end is told, and so is the loss', async ({ expect }) => {
    const top = { shutdown_grace: '5s' };
    await using site = await Installation.create({ config: { agent: { exchange_deadline: '4s' }, top } });
    await using disk = await SmallDisk.at(site.stateDir);
    const before = await Witness.begin(site, { through: disk.through });
    const { daemon, token } = before;
    await before.slowRefresh();
    await disk.fill();
    await site.reaches({ secret: { status: 'memory_only' } });
    const ended = await daemon.end('SIGTERM');
    expectTold(ended, {
      code: 'SECRET_NOT_PERSISTED',
      exitCode: 75,
      says: ['could not be saved', 'mend the store and start again', 'enrol it anew'],
    });
    expect(await daemon.logged('stopped-with-unsaved-secret')).toMatchObject({ level: 'error' });

    await disk.free();
    site.run({ through: disk.through });
    const status = await site.reaches({
      state: 'lost',
      token: { status: 'valid', sequence: 1 },
      secret: { status: 'lost', generation: 1 },
    });
    expectAlert(status, {
      code: 'SECRET_LOST_IN_FLIGHT',
      severity: 'critical',
      says: ['the token is served until', 'tokenward enroll web-01'],
    });
    expect((await site.token()) === token).toBe(true);
    await site.tokenFileHolds(token);
    const args = ['enroll', site.agent, '--name', 'again', '--admin-token-file', site.adminTokenFile];
    expect((await site.cli(args)).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 2 }, alerts: [] });
  });
});
