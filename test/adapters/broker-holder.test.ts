import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import type { Broker } from '../../src/engine/broker.ts';
import { startAll, stopAll, takeOver } from '../../src/engine/supervise.ts';
import { AgentWorld, codeOf, folderOf } from '../fakes/agent-world.ts';
import { ProcessLife } from '../fakes/process-life.ts';

/** Who may exchange for an agent: one process, which holds its locks. */

const lock = `${folderOf()}/lock`;
const { signal } = new AbortController();

/** Another process on the same host, with brokers for these agents. */
function otherProcess(world: AgentWorld, pid: number, agents = ['web-01']) {
  const life = new ProcessLife(world.clock, world.disk);
  const brokers = agents.map((agent) => world.assemble({ agent, pid, life }));
  return { brokers, broker: brokers[0] as Broker, kill: () => (life.end(), world.locks.kill(pid)) };
}

async function started(world: AgentWorld, broker: Broker): Promise<boolean> {
  const holds = broker.start();
  await world.clock.elapse(0);
  return holds;
}

describe('a second process', () => {
  it('is a standby: it serves nothing, writes nothing, exchanges nothing, and says who holds the agent', async () => {
    const world = await AgentWorld.begun();
    const changes = world.disk.operations.length;
    const { broker } = otherProcess(world, 200);
    expect(await started(world, broker)).toBe(false);
    expect(broker.status()).toMatchObject({ state: 'standby', alerts: [], next_refresh_at: null });
    expect(broker.token()).toBeNull();
    await expect(broker.refresh(signal)).rejects.toMatchObject({
      code: 'AGENT_HELD',
      message: expect.stringContaining('process 100') as string,
    });
    expect(await codeOf(broker.handOver(new Secret('x')).stored)).toBe('AGENT_HELD');
    await world.clock.elapse(10_000);
    expect(world.disk.operations).toHaveLength(changes);
    expect(broker.status().state).toBe('standby');
  });

  it('takes over within 2 s of the end of the first, and serves its token without an exchange', async () => {
    const world = await AgentWorld.begun();
    const { broker } = otherProcess(world, 200);
    await started(world, broker);
    const held = broker.held();
    await world.clock.elapse(60_000);
    world.kill();
    await world.clock.elapse(2_000);
    await held;
    expect(broker.status()).toMatchObject({ state: 'active', secret: { generation: 1 } });
    expect(broker.token()?.sequence).toBe(1);
    expect(world.server.arrivals).toHaveLength(1);
    expect(await codeOf(broker.refresh(signal).finally(() => {}))).toBeNull();
  });

  it('stops as a standby too', async () => {
    const world = await AgentWorld.begun();
    const { broker } = otherProcess(world, 200);
    await started(world, broker);
    expect(await broker.stop(1_000)).toBe(true);
    await world.clock.elapse(10_000);
    expect(broker.status().state).toBe('standby');
  });

  it('never has one of the two locks for itself', async () => {
    const world = new AgentWorld();
    await world.locks.process(300).tryAcquire('/run/lock/web-01');
    const { broker } = otherProcess(world, 200);
    expect(await started(world, broker)).toBe(false);
    expect(await world.locks.process(301).tryAcquire(lock)).toMatchObject({ held: true });
  });
});

describe('a lock file that was removed while running', () => {
  it('is taken again before anything is sent, where nobody else has it', async () => {
    const world = await AgentWorld.begun();
    world.locks.removeFile(lock);
    expect(await world.refresh()).toBeNull();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
    expect(await started(world, otherProcess(world, 200).broker)).toBe(false);
  });

  it('is noticed also where it happens while the connection is made', async () => {
    const world = await AgentWorld.begun();
    world.server.mishap = (at) => {
      for (const path of [lock, '/run/lock/web-01']) {
        if (at === 'connect') world.locks.removeFile(path);
        void world.locks.process(300).tryAcquire(path);
      }
      return 'none';
    };
    expect(await world.refresh()).toBe('AGENT_HELD');
    expect(world.server.arrivals).toHaveLength(1);
  });

  it('is noticed also where it happens while the intent is saved: then nothing is sent', async () => {
    const world = await AgentWorld.begun();
    world.disk.fault = ([, path = '']) => {
      if (!path.includes('journal.sealed')) return null;
      for (const taken of [lock, '/run/lock/web-01']) {
        world.locks.removeFile(taken);
        void world.locks.process(300).tryAcquire(taken);
      }
      return null;
    };
    expect(await world.refresh()).toBe('AGENT_HELD');
    expect(world.server.arrivals).toHaveLength(1);
    await world.clock.elapse(60_000);
    expect(world.broker.status()).toMatchObject({ state: 'standby', alerts: [] });
    expect(world.server.arrivals, 'and so it stays').toHaveLength(1);
  });

  it('makes a standby of its holder, where another process has the new one', async () => {
    const world = await AgentWorld.begun();
    world.locks.removeFile(lock);
    world.locks.removeFile('/run/lock/web-01');
    const second = otherProcess(world, 200);
    expect(await started(world, second.broker)).toBe(true);
    expect(await world.refresh()).toBe('AGENT_HELD');
    expect(world.broker.status().state).toBe('standby');
    expect(world.server.arrivals).toHaveLength(1);
    expect(await codeOf(second.broker.refresh(signal))).toBeNull();

    second.kill();
    await world.clock.elapse(2_000);
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
    expect(world.broker.token()?.sequence, 'what the other process got is adopted').toBe(2);
  });
});

describe('a state folder that was removed while running', () => {
  it('is no new beginning: the token is served, nothing is sent, and it goes on when the folder is back', async () => {
    const world = await AgentWorld.begun();
    const files = (await world.disk.list(folderOf())) ?? [];
    const move = async (from: string, to: string) => {
      for (const file of files) await world.disk.rename(`${from}/${file}`, `${to}/${file}`);
    };
    world.disk.seedFolder('/elsewhere');
    await move(folderOf(), '/elsewhere');
    world.locks.removeFile(lock);

    expect(await world.refresh()).toBe('STORE_UNAVAILABLE');
    expect(world.broker.status()).toMatchObject({
      state: 'degraded',
      token: { status: 'valid', sequence: 1 },
      alerts: [
        {
          code: 'STORE_UNAVAILABLE',
          summary: expect.stringContaining('the state of web-01 was removed while in use') as string,
        },
      ],
    });
    expect(await codeOf(world.broker.handOver(new Secret('x')).stored)).toBe('STORE_UNAVAILABLE');
    await world.clock.elapse(60_000);
    expect(await world.disk.list(folderOf())).toEqual([]);
    expect(world.server.arrivals).toHaveLength(1);

    await move('/elsewhere', folderOf());
    await world.clock.elapse(30_000);
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 1 }, alerts: [] });
    expect(await world.refresh()).toBeNull();
    expect(world.broker.status().secret.generation).toBe(2);
  });
});

/** A daemon of two agents. */
async function two(world: AgentWorld, pid: number) {
  const process = otherProcess(world, pid, ['web-01', 'web-02']);
  const holds = startAll(process.brokers);
  await world.clock.elapse(0);
  return { ...process, holds: await holds };
}

describe('several agents in one daemon', () => {
  it('rotate each on its own', async () => {
    const world = new AgentWorld();
    const { brokers, holds } = await two(world, 200);
    expect(holds).toBe(true);
    for (const broker of brokers) broker.handOver(new Secret(world.server.create(broker.name)));
    await world.clock.elapse(1);
    world.server.registry.revoke('web-02');
    await world.clock.elapse(3 * 60 * 60_000);
    expect(brokers.map((broker) => broker.status().state)).toEqual(['active', 'revoked']);
    expect(brokers[0]?.status().secret.generation).toBeGreaterThan(6);
    expect(brokers[1]?.status().secret.generation).toBe(1);
    expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
  });

  it('are held all by one process or all by the other', async () => {
    const world = new AgentWorld();
    const first = await two(world, 200);
    const second = await two(world, 201);
    expect([first.holds, second.holds]).toEqual([true, false]);
    expect(await world.locks.process(202).tryAcquire(`${folderOf('web-02')}/lock`)).toMatchObject({
      holderPid: 200,
    });
    const holders: (number | null)[] = [];
    const taken = takeOver(second.brokers, (pid) => holders.push(pid));
    await world.clock.elapse(5_000);
    first.kill();
    await world.clock.elapse(2_000);
    await taken;
    expect(second.brokers.map((broker) => broker.status().state)).toEqual(['unprovisioned', 'unprovisioned']);
    expect(holders).toEqual([200]);
  });

  it('are so also where two start at once, with configurations in different orders', async () => {
    const world = new AgentWorld();
    const forwards = otherProcess(world, 200, ['web-01', 'web-02']);
    const backwards = otherProcess(world, 201, ['web-02', 'web-01']);
    const starts = [startAll(forwards.brokers), startAll(backwards.brokers)];
    await world.clock.elapse(0);
    expect(await Promise.all(starts)).toEqual([true, false]);
  });

  it('tell as standbys who the holder is, and who comes after that one', async () => {
    const world = new AgentWorld();
    const first = await two(world, 200);
    const second = await two(world, 201);
    const holders: (number | null)[] = [];
    void takeOver(second.brokers, (pid) => holders.push(pid));
    first.kill();
    await world.locks.process(202).tryAcquire(lock);
    await world.clock.elapse(5_000);
    expect(holders).toEqual([200, 202]);
  });

  it('stop together, and tell whether everything is saved', async () => {
    const world = new AgentWorld();
    const { brokers } = await two(world, 200);
    for (const broker of brokers) broker.handOver(new Secret(world.server.create(broker.name)));
    await world.clock.elapse(1);
    world.disk.fault = ([, path = '']) => (path.includes('web-02/.secret.sealed') ? 'EIO' : null);
    void codeOf(brokers[1]?.refresh(signal) ?? Promise.resolve());
    await world.clock.elapse(0);
    const saved = stopAll(brokers, 5_000);
    await world.clock.elapse(5_000);
    expect(await saved).toBe(false);
    expect(brokers.every((broker) => broker.ended.aborted)).toBe(true);
  });

  it('are none: nothing to hold', async () => {
    expect(await startAll([])).toBe(true);
  });
});
