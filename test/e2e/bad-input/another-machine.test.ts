import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { machine } from '../../support/machine.ts';
import { describeRoot } from '../../support/root.ts';
import { expectAlert, expectTold } from './told.ts';

const title = 'a state folder on another machine than the one that wrote it';
const hasId = existsSync('/etc/machine-id');

(hasId ? describeRoot : describe.skip)(title, () => {
  it('is noticed, costs nothing, and can be given a secret of its own', async () => {
    await using site = await Installation.create();
    await using first = await machine('a');
    await using second = await machine('b');
    const stop = first.mounts.run(site);
    await site.reaches({ state: 'unprovisioned' });
    await site.provision();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    await stop();

    const stopCopy = second.mounts.run(site);
    const says = ['another machine', 'lock each other out', 'tokenward enroll web-01'];
    const told = { code: 'STATE_CLONED', exitCode: 78, says } as const;
    const status = await site.reaches({ state: 'blocked', token: { status: 'valid' } });
    expectAlert(status, { ...told, severity: 'critical' });
    expectTold(await site.cli(['refresh', site.agent]), told);
    expect(await site.token()).toBe(token);
    expect(site.exchanges).toBe(1);
    await stopCopy();

    const stopAgain = first.mounts.run(site);
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
    await stopAgain();

    second.mounts.run(site);
    await site.reaches({ state: 'blocked' });
    const args = ['--admin-token-file', site.adminTokenFile, '--name', 'web-01-copy'];
    expect((await site.cli(['enroll', site.agent, ...args])).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    expect(site.emulator.state().exchanges).toMatchObject({ granted: 2, refused: 0 });
  });
});
