import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { AgentWorld, codeOf, folderOf } from '../fakes/agent-world.ts';

/** The end of a process that was asked to stop. */

const { signal } = new AbortController();

describe('a stop', () => {
  it('at rest is over at once, and gives the locks back', async () => {
    const world = await AgentWorld.begun();
    expect(await world.broker.stop(25_000)).toBe(true);
    expect(await world.locks.process(300).tryAcquire(`${folderOf()}/lock`)).toMatchObject({ held: true });
    expect(world.clock.nextDueInMs(), 'no timer is left').toBeNull();
    expect(await world.refresh()).toBe('SHUTTING_DOWN');
    expect(await codeOf(world.broker.handOver(new Secret('x')).stored)).toBe('SHUTTING_DOWN');
  });

  it('during an exchange waits for its answer and its saving', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 10_000;
    const refreshed = codeOf(world.broker.refresh(signal));
    await world.clock.elapse(1_000);
    let over: boolean | null = null;
    void world.broker.stop(25_000).then((saved) => (over = saved));
    await world.clock.elapse(8_000);
    expect(over).toBeNull();
    await world.clock.elapse(1_000);
    expect(over).toBe(true);
    expect(await refreshed).toBeNull();
    await world.restart();
    expect(world.broker.status()).toMatchObject({
      state: 'active',
      secret: { generation: 2 },
      token: { sequence: 2 },
    });
    expect(world.server.arrivals).toHaveLength(2);
  });

  it('during an exchange that is never answered ends with its deadline, in doubt', async () => {
    const world = await AgentWorld.begun({ policy: 'reusable' });
    world.server.latencyMs = 60_000;
    const refreshed = codeOf(world.broker.refresh(signal));
    await world.clock.elapse(0);
    const stopped = world.broker.stop(25_000);
    await world.clock.elapse(15_000);
    expect(await stopped).toBe(true);
    expect(await refreshed).toBe('IN_DOUBT');
    await world.restart();
    expect(world.broker.status()).toMatchObject({ secret: { status: 'in_doubt' } });
  });

  it('before the request is sent does not send it', async () => {
    const world = await AgentWorld.begun();
    const refreshed = codeOf(world.broker.refresh(signal));
    const stopped = world.broker.stop(25_000);
    await world.clock.elapse(0);
    expect([await refreshed, await stopped]).toEqual(['SHUTTING_DOWN', true]);
    expect(world.server.arrivals).toHaveLength(1);
  });

  it('tries at once again what could not be saved, and is over when it is', async () => {
    const world = await AgentWorld.begun();
    world.disk.fault = ([, path = '']) => (path.includes('/.secret.sealed') ? 'EIO' : null);
    expect(await world.refresh()).toBe('SECRET_NOT_PERSISTED');
    await world.clock.elapse(60_000);
    world.disk.fault = () => null;
    const stopped = world.broker.stop(25_000);
    await world.clock.elapse(0);
    expect(await stopped).toBe(true);
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
  });

  it('is held off for what cannot be saved, but not beyond its deadline, and says so', async () => {
    const world = await AgentWorld.begun();
    world.disk.fault = ([, path = '']) => (path.includes('/.secret.sealed') ? 'EIO' : null);
    await world.refresh();
    let over: boolean | null = null;
    void world.broker.stop(25_000).then((saved) => (over = saved));
    await world.clock.elapse(24_000);
    expect(over).toBeNull();
    await world.clock.elapse(1_000);
    expect(over).toBe(false);
  });

  it('that gave up writes nothing any more, and lets everyone go', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 10_000;
    const refreshed = codeOf(world.broker.refresh(signal));
    await world.clock.elapse(0);
    const queued = codeOf(world.broker.handOver(new Secret('x')).stored);
    const stopped = world.broker.stop(2_000);
    await world.clock.elapse(2_000);
    expect(await stopped, 'nothing was received yet').toBe(true);
    expect([await refreshed, await queued]).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN']);
    const changes = world.disk.operations.length;
    await world.clock.elapse(60_000);
    expect(world.disk.operations, 'another process may hold the agent now').toHaveLength(changes);
    expect(world.clock.nextDueInMs()).toBeNull();
  });

  it('while opening ends when that is known', async () => {
    const world = await AgentWorld.begun();
    world.kill();
    void world.broker.start();
    const stopped = world.broker.stop(25_000);
    await world.clock.elapse(0);
    expect(await stopped).toBe(true);
    expect(world.server.arrivals).toHaveLength(1);
  });
});
