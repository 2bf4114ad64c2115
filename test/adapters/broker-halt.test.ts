import { describe, expect, it } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';

/** The policy that leaves a doubt to a person. */

const minute = 60_000;
const lostAnswers = (at: 'connect' | 'exchange') => (at === 'exchange' ? 'lost-answer' : 'none');

describe('in a doubt under halt', () => {
  it('nothing is sent until a hand-over, whatever is asked and however often it restarts', async () => {
    const world = await AgentWorld.begun({ policy: 'reusable', settings: { inDoubt: 'halt' } });
    world.server.mishap = lostAnswers;
    expect(await world.refresh()).toBe('IN_DOUBT');
    world.server.mishap = () => 'none';
    for (let hour = 0; hour < 5; hour += 1) {
      expect(await world.refresh()).toBe('IN_DOUBT');
      await world.clock.elapse(60 * minute);
      await world.restart();
    }
    expect(world.server.arrivals).toHaveLength(2);
    expect(world.broker.status()).toMatchObject({
      state: 'blocked',
      alerts: [{ code: 'IN_DOUBT', severity: 'critical' }],
    });
    await world.handOver(world.server.create('web-01-new'));
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
  });

  it('a crash in the middle of an exchange is one', async () => {
    const world = await AgentWorld.begun({ policy: 'reusable', settings: { inDoubt: 'halt' } });
    world.server.latencyMs = 5_000;
    void world.refresh();
    await world.clock.elapse(1_000);
    await world.restart();
    await world.clock.elapse(60 * minute);
    expect(world.broker.status().state).toBe('blocked');
    expect(world.server.arrivals).toHaveLength(2);
  });

  it('is none for a product that does not rotate', async () => {
    const world = await AgentWorld.begun({
      policy: 'reusable',
      settings: { inDoubt: 'halt', rotates: false },
    });
    world.server.mishap = lostAnswers;
    expect(await world.refresh()).toBe('IN_DOUBT');
    expect(world.broker.status().secret).toMatchObject({ status: 'held', generation: 1 });
    world.server.mishap = () => 'none';
    await world.clock.elapse(10_000);
    expect(world.broker.status()).toMatchObject({ state: 'active', token: { sequence: 2 } });
    world.server.registry.revoke('web-01');
    expect(await world.refresh()).toBe('SECRET_REVOKED');
  });
});
