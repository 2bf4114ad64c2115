import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { Witness } from '../../support/witness.ts';

/** The state folder, or a part of it, is taken away from the running daemon by somebody who tidies up. */

const parts = [
  ['the state folder', ''],
  ['the folder of all agents', 'agents'],
  ['the folder of the agent', 'agents/web-01'],
] as const;

const unreachable = {
  code: 'STORE_UNAVAILABLE',
  exitCode: 75,
  severity: 'warning',
  status: { state: 'degraded', token: { status: 'valid' }, secret: { status: 'unreachable' } },
} as const;

describe('away for a while:', () => {
  it.concurrent.for(parts)('%s', async ([, part], { expect }) => {
    await using site = await Installation.create();
    const witness = await Witness.begin(site);
    const folder = join(site.stateDir, part);
    const aside = join(site.folder, 'aside');
    await rename(folder, aside);
    const says = ['a folder that was there is gone; bring the state folder back', 'ENOENT', 'agents'];
    await witness.sees({ ...unreachable, says });
    await rename(aside, folder);
    await witness.heals();
    // a count of its own: what the witness expects may be counted for a test beside this one
    expect(site.emulator.state().secrets).toMatchObject({ 'web-01': { spentSecretUses: 0 } });
  });
});

describe('another folder in its place:', () => {
  it.concurrent('an empty one is no new beginning', async () => {
    await using site = await Installation.create();
    const witness = await Witness.begin(site);
    const aside = join(site.folder, 'aside');
    await rename(site.stateDir, aside);
    await mkdir(join(site.stateDir, 'agents', site.agent), { recursive: true, mode: 0o700 });
    const says = ['was removed while in use', 'bring the state folder back, or restart the daemon'];
    await witness.sees({ ...unreachable, says });
    await rename(site.stateDir, join(site.folder, 'empty'));
    await rename(aside, site.stateDir);
    await witness.heals();
  });

  it.concurrent('an older copy is brought up to date', async ({ expect }) => {
    await using site = await Installation.create();
    const first = await Witness.begin(site);
    const copy = join(site.folder, 'copy');
    await cp(site.stateDir, copy, { recursive: true });
    await first.goesOn();
    const witness = await Witness.of(site, first.daemon);
    await rename(site.stateDir, join(site.folder, 'newer'));
    await rename(copy, site.stateDir);
    await witness.goesOn();

    await witness.daemon.end('SIGKILL');
    const next = await Witness.of(site, site.run());
    expect(next.generation).toBe(3);
    await next.goesOn();
  });

  it.concurrent('files of an older copy over the newer ones are written again', async () => {
    await using site = await Installation.create();
    const first = await Witness.begin(site);
    const copy = join(site.folder, 'copy');
    await cp(site.stateDir, copy, { recursive: true });
    await first.goesOn();
    const witness = await Witness.of(site, first.daemon);
    await cp(copy, site.stateDir, { recursive: true });
    await witness.goesOn();
  });
});

describe('gone while an answer is on its way', () => {
  it.concurrent('the new secret makes the folder anew', async ({ expect }) => {
    await using site = await Installation.create();
    const before = await Witness.begin(site);
    const { daemon, exchanges } = before;
    const refresh = await before.slowRefresh();
    await rm(join(site.stateDir, 'agents', site.agent), { recursive: true });
    expect(await refresh.ended).toMatchObject({ exitCode: 0 });
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 2 }, alerts: [] });
    await daemon.end('SIGKILL');

    const witness = await Witness.of(site, site.run());
    expect(witness.generation).toBe(2);
    expect(witness.exchanges).toBe(exchanges + 1);
    await witness.goesOn();
  });
});
