import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { describePart } from '../../support/parts.ts';
import { Variant } from './variant.ts';

/** The holder ends, one way or another, and a standby goes on from what that one left. */

const patience = { withinMs: 30_000 };

/** A daemon that has stood by since before anything else happens. */
async function standbyOf(site: Installation): Promise<Daemon> {
  const standby = site.run();
  await standby.logged('standby');
  return standby;
}

async function holderOf(daemons: readonly Daemon[]): Promise<Daemon> {
  return eventually(() => {
    const [holder, ...more] = daemons.filter((daemon) => daemon.events('started').length > 0);
    expect([holder === undefined, more.length]).toEqual([false, 0]);
    return holder as Daemon;
  }, patience);
}

describe('a standby', () => {
  it('takes over after a SIGKILL, with the token and the secret that the holder had last; five times over', async ({
    annotate,
  }) => {
    await using site = await Installation.create();
    await site.provision();
    const first = site.run();
    await first.started();
    const chain = [first];
    for (const _ of Array(5).keys()) chain.push(await standbyOf(site));

    const tookMs: number[] = [];
    let generation = 1;
    while (chain.length > 1) {
      const holder = await holderOf(chain);
      // rotations that no standby has seen
      await site.client.refresh(site.agent);
      const { secret } = await site.client.refresh(site.agent);
      generation += 2;
      expect(secret).toMatchObject({ status: 'held', generation });
      const token = await site.token();

      const killedAt = performance.now();
      holder.signal('SIGKILL');
      await eventually(async () => expect((await site.token()) === token).toBe(true), patience);
      tookMs.push(Math.round(performance.now() - killedAt));
      await holder.ended();
      chain.splice(chain.indexOf(holder), 1);
      await site.reaches({ state: 'active', secret: { generation }, alerts: [] });
    }
    await annotate(`from the kill to a token of the next holder: ${tookMs.join(', ')} ms`);
    // the promise; a busy machine may hold one of them up, not all
    expect(Math.min(...tookMs)).toBeLessThan(2_000);
    expect(site.exchanges).toBe(generation);
    expect((await site.client.refresh(site.agent)).secret.generation).toBe(generation + 1);
    expect(site.emulator.state()).toMatchObject({
      exchanges: { refused: 0 },
      secrets: { [site.agent]: { generation: generation + 1, spentSecretUses: 0 } },
    });
  });

  it('takes over when the holder ends in good order, too', async () => {
    await using site = await Installation.create();
    await site.provision();
    const holder = site.run();
    await holder.started();
    const standby = await standbyOf(site);
    expect(await holder.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    await standby.started();
    await site.reaches({ state: 'active', secret: { generation: 1 } });
    expect((await site.client.refresh(site.agent)).secret.generation).toBe(2);
    expect(site.exchanges).toBe(2);
  });

  it('takes over in the middle of an exchange, as a start does', async () => {
    await using site = await Installation.create({
      emulator: { policy: 'until-first-use' },
      config: { agent: { exchange_deadline: '2s' } },
    });
    await site.provision();
    const holder = site.run();
    await site.reaches({ state: 'active' });
    const standby = await standbyOf(site);
    site.emulator.addFault({ kind: 'hang', endpoint: 'exchange', when: 'after-commit' });
    void site.client.refresh(site.agent).catch(() => {});
    await eventually(() => expect(site.exchanges).toBe(2), patience);
    await holder.end('SIGKILL');
    await standby.started();
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 2 }, alerts: [] }, patience);
  });
});

describePart(['strace'], 'a holder that is stopped (SIGSTOP)', () => {
  it('stays the holder, however often the standby asks, and goes on afterwards', async () => {
    await using site = await Installation.create();
    await site.provision();
    const holder = site.run();
    await site.reaches({ state: 'active' });
    const trace = join(site.folder, 'trace');
    const standby = site.run({ through: ['strace', '-D', '-f', '-qq', '-e', 'trace=flock', '-o', trace] });
    await standby.logged('standby', { holder_pid: holder.pid });
    const asked = async () => (await readFile(trace, 'utf8')).split('EAGAIN').length - 1;

    holder.signal('SIGSTOP');
    const before = await asked();
    await eventually(async () => expect(await asked()).toBeGreaterThan(before + 3), patience);
    expect(standby.events('started')).toEqual([]);
    holder.signal('SIGCONT');
    expect((await site.client.refresh(site.agent)).secret).toMatchObject({ status: 'held', generation: 2 });
    expect(standby.events('started')).toEqual([]);
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ spentSecretUses: 0 });
  });
});

describe('daemons of several agents', () => {
  const agents = ['web-01', 'web-02', 'web-03'];

  it('hold all of them or none, whatever the order in their configurations', async () => {
    await using site = await Installation.create({ config: { agents: { 'web-02': {}, 'web-03': {} } } });
    for (const agent of agents) await site.provision(agent);
    const forwards = await Variant.create(site, 'forwards');
    const backwards = await Variant.create(site, 'backwards', (usual) => ({
      agents: Object.fromEntries(Object.entries(usual.agents).toReversed()),
    }));
    const runs = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? forwards : backwards));
    const daemons = runs.map((variant) => ({ variant, daemon: variant.run() }));

    while (daemons.length > 5) {
      const holder = await holderOf(daemons.map(({ daemon }) => daemon));
      const index = daemons.findIndex(({ daemon }) => daemon === holder);
      const [{ variant }] = daemons.splice(index, 1) as [(typeof daemons)[number]];
      await eventually(async () => {
        const states = (await variant.client.statuses()).map(({ agent, state }) => [agent, state]);
        expect(Object.fromEntries(states)).toEqual(
          Object.fromEntries(agents.map((agent) => [agent, 'active'])),
        );
        for (const { daemon } of daemons)
          expect(daemon.events('standby').at(-1)).toMatchObject({ holder_pid: holder.pid });
      }, patience);
      await holder.end('SIGKILL');
    }
    expect(site.emulator.state().exchanges).toMatchObject({ total: 3, refused: 0 });
  });
});
