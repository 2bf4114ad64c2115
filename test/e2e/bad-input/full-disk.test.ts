import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorCode } from '../../../src/platform/system-error.ts';
import { Installation } from '../../support/installation.ts';
import { describeRoot } from '../../support/root.ts';
import { Mounts } from './mounts.ts';
import { expectAlert, expectTold } from './told.ts';

/** Takes the last byte of a file system. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (;;) await file.write(Buffer.alloc(4096));
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}

describeRoot('a disk that is full', () => {
  it('is told before anything is sent; the token is served, and it heals', async () => {
    await using site = await Installation.create();
    await using disk = await Mounts.create('mount -t tmpfs -o size=512k tmpfs "$1"', [site.stateDir]);
    const filler = disk.path(join(site.stateDir, 'filler'));
    const stop = disk.run(site);
    await site.reaches({ state: 'unprovisioned' });
    await site.provision();
    await site.reaches({ state: 'active', secret: { generation: 1 } });
    const token = await site.token();

    await fill(filler);
    const says = [site.stateDir, '(ENOSPC), so nothing is sent', 'see to its free space'];
    const told = { code: 'STORE_UNAVAILABLE', exitCode: 75, says } as const;
    expectTold(await site.cli(['refresh', site.agent]), told);
    const full = { state: 'degraded', token: { status: 'valid' }, secret: { persisted: true } };
    expectAlert(await site.reaches(full), { ...told, severity: 'warning' });
    const imported = await site.cli(['import', site.agent], { stdin: 'another secret' });
    expectTold(imported, { ...told, says: ['(ENOSPC)', 'see to the free space'] });
    expect(await site.token()).toBe(token);
    expect(site.exchanges).toBe(1);

    await stop();
    disk.run(site);
    await site.reaches({ token: { status: 'valid' }, secret: { generation: 1 } });
    expect(await site.token()).toBe(token);
    expect(site.exchanges).toBe(1);

    await rm(filler);
    await site.reaches({ state: 'active', alerts: [] });
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 2 }, alerts: [] });
    expect(site.emulator.state().exchanges).toMatchObject({ granted: 2, refused: 0 });
  });
});
