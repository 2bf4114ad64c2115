import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';
import { describePart } from '../../support/parts.ts';
import { plainEnv } from '../../support/run-program.ts';
import { inventory, inventoryAtRest, listenersOf } from './inventory.ts';
import { Variant } from './variant.ts';

/** Of all the daemons that name one agent, one holds it; what the others do meanwhile. */

async function withHolder(site: Installation): Promise<Daemon> {
  await site.provision();
  const holder = site.run();
  await site.reaches({ state: 'active' });
  await site.tokenFileHolds(await site.token());
  return holder;
}

describe('a second daemon on one state folder', () => {
  it('stands by and says for whom, binds nothing, writes nothing and ends by SIGTERM', async () => {
    await using site = await Installation.create();
    const holder = await withHolder(site);
    const before = await inventoryAtRest(site.folder);

    const standby = site.run();
    await standby.logged('standby', { holder_pid: holder.pid });
    await standby.logged('state-changed', { state: 'standby' });
    expect(await listenersOf(standby.pid)).toBe(0);
    expect(await standby.end('SIGTERM')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(standby.events('started')).toEqual([]);
    expect(await inventory(site.folder)).toEqual(before);
    await site.reaches({ state: 'active' });
    expect(site.exchanges).toBe(1);
  });
});

/** System calls by which a process changes files, or becomes somebody whom others can ask. */
const changes = [
  'rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir',
  'truncate,ftruncate,fallocate,pwrite64,pwritev,chmod,fchmod,chown,fchown,bind,listen',
].join(',');

describePart(['strace'], 'what a standby asks of the kernel', () => {
  it('is the lock, again and again; and nothing by which anything changes', async () => {
    await using site = await Installation.create();
    const holder = await withHolder(site);
    const trace = join(site.folder, 'trace');
    const through = ['strace', '-D', '-f', '-qq', '-e', `trace=flock,openat,${changes}`, '-o', trace];
    // Node would write what it compiles.
    const standby = site.run({ through, env: { PATH: plainEnv.PATH } });
    await standby.logged('standby', { holder_pid: holder.pid });
    const calls = async () =>
      (await readFile(trace, 'utf8')).split('\n').filter((line) => line.includes('('));
    await eventually(
      async () => {
        const refused = (await calls()).filter((line) => /flock\(.*EAGAIN/.test(line));
        expect(refused.length).toBeGreaterThan(3);
      },
      { withinMs: 30_000 },
    );
    const all = await calls();
    const opened = all.filter((line) => /openat\(.*O_(WRONLY|RDWR|CREAT)/.test(line));
    const others = opened.filter(
      (line) => line.includes(site.folder) && !line.includes('/agents/web-01/lock"'),
    );
    expect(others).toEqual([]);
    expect(all.filter((line) => !/\b(flock|openat)\(/.test(line))).toEqual([]);
  });
});

describe('a command for an agent that a daemon holds behind another socket', () => {
  it.each([
    ['import', [], 'another-secret'],
    ['enroll', ['--name', 'another', '--admin-token-file', '-'], 'administrator-of-the-tests'],
  ])('%s is told by which process, and changes nothing', async (command, args, stdin) => {
    await using site = await Installation.create();
    const holder = await withHolder(site);
    const { token } = await site.reaches({ state: 'active' });
    const elsewhere = await Variant.create(site, 'elsewhere');
    const before = await inventoryAtRest(site.folder);

    expect(await elsewhere.cli([command, site.agent, ...args], stdin)).toMatchObject({
      exitCode: 75,
      stdout: '',
      stderr: matching(
        new RegExp(`^tokenward: process ${holder.pid} holds the agent .*\\(AGENT_HELD\\)\\n$`),
      ),
    });
    await site.reaches({
      state: 'active',
      token: { fingerprint: token.fingerprint },
      secret: { status: 'held' },
    });
    expect(await inventory(site.folder)).toEqual(before);
    expect(Object.keys(site.emulator.state().secrets)).toEqual([site.agent]);
    expect(site.exchanges).toBe(1);
  });
});
