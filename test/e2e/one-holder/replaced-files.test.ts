import { link, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';
import { describeRoot } from '../../support/root.ts';
import { Mounts } from '../bad-input/mounts.ts';
import { Variant } from './variant.ts';

/** Files and folders that a holder relies on are removed or replaced while it runs: it notices before its next exchange. */

const patience = { withinMs: 40_000 };

async function withHolder(site: Installation): Promise<{ readonly holder: Daemon; readonly lock: string }> {
  await site.provision();
  const holder = site.run();
  await site.reaches({ state: 'active' });
  return { holder, lock: join(site.stateDir, 'agents', site.agent, 'lock') };
}

/** A standby may be asking at the very moment; then the holder is told to come back. */
async function refreshed(site: Installation): Promise<void> {
  await eventually(async () => {
    const { exitCode, stderr } = await site.cli(['refresh', site.agent]);
    expect(exitCode, stderr).toBe(0);
  }, patience);
}

/** The same for a refresh that is refused with these words. */
async function refreshRefused(site: Installation, told: string | RegExp): Promise<void> {
  await eventually(async () => {
    const ran = await site.cli(['refresh', site.agent]);
    expect(ran).toMatchObject({ exitCode: 75, stderr: matching(told) });
  }, patience);
}

/** Every exchange so far was granted, and no spent secret was ever sent. */
function nothingSpentTwice(site: Installation, generation: number): void {
  expect(site.emulator.state()).toMatchObject({
    exchanges: { total: generation, refused: 0 },
    secrets: { [site.agent]: { generation, spentSecretUses: 0 } },
  });
}

describe('the lock file', () => {
  it.each<[string, (lock: string, agent: string) => Promise<void>]>([
    ['removed', async () => {}],
    ['replaced by another file', (lock) => writeFile(lock, '4711\n')],
    ['replaced by another name of a state file', (lock, agent) => link(join(agent, 'journal.sealed'), lock)],
  ])('%s is made anew, and the holder goes on', async (_what, replace) => {
    await using site = await Installation.create();
    const { holder, lock } = await withHolder(site);
    await rm(lock);
    await replace(lock, join(site.stateDir, 'agents', site.agent));
    const second = (await Variant.create(site, 'second')).run();
    await second.logged('standby', { holder_pid: holder.pid });

    await refreshed(site);
    await holder.logged('lock-file-replaced', { level: 'warn', path: lock });
    expect(await readFile(lock, 'utf8')).toBe(`${holder.pid}\n`);
    expect((await stat(lock)).nlink).toBe(1);
    expect(second.events('started')).toEqual([]);
    nothingSpentTwice(site, 2);

    await holder.end('SIGKILL');
    await second.started();
    expect(await (await Variant.create(site, 'second')).client.refresh(site.agent)).toMatchObject({
      state: 'active',
      secret: { generation: 3 },
    });
    nothingSpentTwice(site, 3);
  });

  it.each<[string, (lock: string) => Promise<unknown>]>([
    ['a symbolic link', (lock) => symlink('/dev/null', lock)],
    ['a folder', (lock) => mkdir(lock)],
  ])('replaced by %s stops all exchanges until that is removed', async (_what, replace) => {
    await using site = await Installation.create();
    const { lock } = await withHolder(site);
    await rm(lock);
    await replace(lock);
    const told = `${lock} is no regular file, and so cannot be the lock; remove it`;
    await refreshRefused(site, `tokenward: ${told} (STORE_UNAVAILABLE)\n`);
    await site.reaches({
      state: 'degraded',
      token: { status: 'valid' },
      alerts: [{ code: 'STORE_UNAVAILABLE', summary: told }],
    });
    nothingSpentTwice(site, 1);
    await rm(lock, { recursive: true });
    await site.reaches({ state: 'active', alerts: [] }, patience);
    await refreshed(site);
    nothingSpentTwice(site, 2);
  });
});

describe('the state folder, removed and made again', () => {
  it('has no two holders, and no exchange before it is back', async () => {
    await using site = await Installation.create();
    const { holder, lock } = await withHolder(site);
    const token = await site.token();
    const away = join(site.folder, 'away');
    await rename(site.stateDir, away);
    await mkdir(site.stateDir, { mode: 0o700 });
    const variant = await Variant.create(site, 'second');
    const second = variant.run();
    await second.logged('standby', { holder_pid: holder.pid });

    const told = `the state of ${site.agent} was removed while in use; bring the state folder back, or restart the daemon to begin anew`;
    await refreshRefused(site, `tokenward: ${told} (STORE_UNAVAILABLE)\n`);
    await holder.logged('lock-file-replaced', { path: lock });
    await site.reaches({
      state: 'degraded',
      token: { status: 'valid' },
      secret: { status: 'unreachable' },
      alerts: [{ code: 'STORE_UNAVAILABLE', severity: 'warning', summary: told }],
    });
    expect((await site.token()) === token).toBe(true);
    expect(await site.cli(['import', site.agent], { stdin: 'another' })).toMatchObject({
      exitCode: 75,
      stderr: matching('was removed while in use'),
    });
    expect(second.events('started')).toEqual([]);
    nothingSpentTwice(site, 1);

    await rm(site.stateDir, { recursive: true });
    await rename(away, site.stateDir);
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] }, patience);
    await refreshed(site);
    nothingSpentTwice(site, 2);
  });

  it('without a folder of the agent in it says so', async () => {
    await using site = await Installation.create();
    await withHolder(site);
    await rm(site.stateDir, { recursive: true });
    await mkdir(site.stateDir, { mode: 0o700 });
    await refreshRefused(
      site,
      /a folder that was there is gone; bring the state folder back.*agents\/web-01\)/,
    );
    await site.reaches({ state: 'degraded', token: { status: 'valid' } });
    nothingSpentTwice(site, 1);
  });
});

describeRoot('the folder of the stores’ locks', () => {
  it('is made again where it was removed, and the holder goes on', async () => {
    // every tokenward of this user has its locks in there: here they have one of their own
    await using mounts = await Mounts.create('mount -t tmpfs none /run/lock', []);
    await using site = await Installation.create();
    await site.provision();
    const { through } = mounts;
    const holder = site.run({ through });
    await site.reaches({ state: 'active' });
    const folder = `/run/lock/tokenward-${process.geteuid?.()}`;
    await rm(mounts.path(folder), { recursive: true });

    await refreshed(site);
    await holder.logged('lock-file-replaced', { path: matching(new RegExp(`^${folder}/[0-9a-f]{64}$`)) });
    nothingSpentTwice(site, 2);
    const second = site.run({ through });
    await second.logged('standby', { holder_pid: holder.pid });
  });
});
