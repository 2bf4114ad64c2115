import { describe, expect, it } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';

describe('an agent with a good server', () => {
  it('turns a handed-over secret into a token and rotates on schedule', async () => {
    const world = new AgentWorld();
    await world.start();
    expect(world.broker.status().state).toBe('unprovisioned');
    await world.handOver();
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({
      state: 'active',
      secret: { generation: 1, status: 'held' },
      token: { sequence: 1 },
    });
    await world.clock.elapse(24 * 60 * 60_000);
    const { generation } = world.broker.status().secret;
    expect(generation).toBeGreaterThan(55);
    expect(generation).toBeLessThan(76);
    expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
    expect(world.broker.token()?.sequence).toBe(generation);
  });

  it('serves the stored session after a kill, without an exchange', async () => {
    const world = await AgentWorld.begun();
    for (let restart = 0; restart < 100; restart += 1) {
      await world.restart();
      expect(world.broker.status().state).toBe('active');
    }
    expect(world.server.arrivals).toHaveLength(1);
  });
});

describe('an answer that is lost', () => {
  it.each(['until-first-use', 'grace', 'reusable'] as const)(
    'is replayed under %s until the server answers',
    async (policy) => {
      const world = await AgentWorld.begun({ policy });
      world.server.mishap = (at) => (at === 'exchange' ? 'lost-answer' : 'none');
      expect(await world.refresh()).toBe('IN_DOUBT');
      expect(world.broker.status()).toMatchObject({ state: 'degraded', secret: { status: 'in_doubt' } });
      world.server.mishap = () => 'none';
      await world.clock.elapse(60_000);
      expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
    },
  );

  it.each(['strict', 'reuse-revokes-family'] as const)(
    'is reported as lost in flight under %s, never as revoked',
    async (policy) => {
      const world = await AgentWorld.begun({ policy });
      world.server.mishap = (at) => (at === 'exchange' ? 'lost-answer' : 'none');
      await world.refresh();
      world.server.mishap = () => 'none';
      await world.clock.elapse(60_000);
      expect(world.broker.status()).toMatchObject({ state: 'lost', token: { status: 'valid' } });
      expect(world.alerts.map((alert) => alert.code)).toEqual(['SECRET_LOST_IN_FLIGHT']);
      world.server.registry.revoke('web-01');
      await world.handOver();
      await world.clock.elapse(1);
      expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
    },
  );
});

describe('a revoked secret', () => {
  it('is told after the previous one was tried, while the token lives on', async () => {
    const world = await AgentWorld.begun();
    await world.refresh();
    world.server.registry.revoke('web-01');
    expect(await world.refresh()).toBe('SECRET_REVOKED');
    expect(world.broker.status()).toMatchObject({ state: 'revoked', token: { status: 'valid' } });
    expect(world.server.arrivals).toHaveLength(4);
    expect(await world.refresh()).toBe('SECRET_REVOKED');
    expect(world.server.arrivals).toHaveLength(4);
    await world.clock.elapse(5 * 60_000 + 1_000);
    expect(world.server.arrivals).toHaveLength(5);
    await world.restart();
    expect(world.broker.status().state).toBe('revoked');
  });
});

describe('a hand-over of a wrong secret', () => {
  it('leaves the good one in use', async () => {
    const world = await AgentWorld.begun();
    await world.handOver('a secret that the server never made');
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 1 } });
    expect(await world.refresh()).toBeNull();
    expect(world.broker.status().secret.generation).toBe(2);
  });
});

describe('an agent that keeps its secret in memory', () => {
  it('rotates, writes nothing, and starts again without a secret', async () => {
    const world = await AgentWorld.begun({ settings: { store: 'memory' } });
    await world.clock.elapse(60 * 60_000);
    expect(world.broker.status()).toMatchObject({
      state: 'active',
      secret: { store: 'memory', generation: 3 },
    });
    expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'unprovisioned', token: { status: 'none' } });
    expect(world.disk.operations).toEqual([]);
  });

  it('stays itself when its lock file is taken away for a moment', async () => {
    const world = await AgentWorld.begun({ settings: { store: 'memory' } });
    world.locks.removeFile('/run/lock/web-01');
    expect(await world.refresh()).toBeNull();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 }, alerts: [] });
  });
});
