import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Installation } from '../support/installation.ts';
import { matching } from '../support/matching.ts';

/** Of all the daemons that name one agent, one holds it. */

/** Everything in a folder, with what a write would change. */
async function inventory(folder: string): Promise<Record<string, string>> {
  const paths = await readdir(folder, { recursive: true });
  const entries = paths.toSorted().map(async (path) => {
    const { ino, size, mtimeMs } = await stat(join(folder, path));
    return [path, `${ino} ${size} ${mtimeMs}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe('two daemons on one state folder', () => {
  it('are a holder and a standby, which binds nothing, writes nothing and ends by SIGTERM', async () => {
    await using site = await Installation.create();
    await site.provision();
    site.run();
    const { token } = await site.reaches({ state: 'active' });
    await site.tokenFileHolds(await site.token());
    const before = await inventory(site.folder);

    const standby = site.run();
    await standby.logged('state-changed', { state: 'standby' });
    expect(await standby.end('SIGTERM')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(standby.events('started')).toEqual([]);
    expect(await inventory(site.folder)).toEqual(before);
    await site.reaches({ state: 'active', token: { fingerprint: token.fingerprint } });
    expect(site.exchanges).toBe(1);
  });

  it('change over within two seconds of a SIGKILL, with the same token and no exchange', async () => {
    await using site = await Installation.create();
    await site.provision();
    const holder = site.run();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    await site.run().logged('state-changed', { state: 'standby' });

    const killedAt = performance.now();
    await holder.end('SIGKILL');
    await eventually(async () => expect((await site.token()) === token).toBe(true), { withinMs: 20_000 });
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    await site.reaches({ state: 'active', token: { sequence: 1 }, secret: { generation: 1 } });
    expect(site.exchanges).toBe(1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
  });

  it('change over when the holder ends in good order, too', async () => {
    await using site = await Installation.create();
    await site.provision();
    const holder = site.run();
    await site.reaches({ state: 'active' });
    const standby = site.run();
    await standby.logged('state-changed', { state: 'standby' });
    await holder.end('SIGTERM');
    await standby.started();
    await site.reaches({ state: 'active', secret: { generation: 1 } });
    expect(site.exchanges).toBe(1);
  });
});

describe('ten daemons at once', () => {
  it('make one exchange, and each that is left takes its turn without another', async () => {
    await using site = await Installation.create();
    await site.provision();
    const daemons = Array.from({ length: 10 }, () => site.run());
    await site.reaches({ state: 'active' });
    const holderOf = () => daemons.filter((daemon) => daemon.events('started').length > 0);
    await eventually(
      () => {
        const others = daemons.filter((daemon) => daemon.events('standby').length > 0);
        expect([holderOf().length, others.length]).toEqual([1, 9]);
      },
      { withinMs: 20_000 },
    );
    expect(site.exchanges).toBe(1);

    for (const _ of [1, 2, 3]) {
      const [holder] = holderOf();
      await holder?.end('SIGKILL');
      daemons.splice(daemons.indexOf(holder!), 1);
      await eventually(() => expect(holderOf()).toHaveLength(1), { withinMs: 20_000 });
      await site.reaches({ state: 'active', token: { sequence: 1 }, secret: { generation: 1 } });
    }
    expect(site.exchanges).toBe(1);
  });
});

describe('a command for an agent that a daemon holds behind another socket', () => {
  it('is told so and changes nothing', async () => {
    await using site = await Installation.create();
    await site.provision();
    site.run();
    const { token } = await site.reaches({ state: 'active' });

    await site.configure({ socket: { unix: join(site.folder, 'elsewhere.sock') } });
    expect(await site.cli(['import', site.agent], { stdin: 'another-secret' })).toMatchObject({
      exitCode: 75,
      stdout: '',
      stderr: matching(/^tokenward: .*\(AGENT_HELD\)\n$/),
    });
    await site.reaches({
      state: 'active',
      token: { fingerprint: token.fingerprint },
      secret: { status: 'held' },
    });
    expect(site.exchanges).toBe(1);
  });
});
