import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { AgentWorld, codeOf } from '../fakes/agent-world.ts';

/** Hand-overs of new secrets, with a server that knows them or not. */

const minute = 60_000;
const lostAnswers = (at: 'connect' | 'exchange') => (at === 'exchange' ? 'lost-answer' : 'none');

/** A second secret at the server, beside that of the agent. */
const another = (world: AgentWorld, name = 'web-01-new') => world.server.create(name);

/** Hands over and tells how it ends: the code of the refusal, or null. */
function handOver(world: AgentWorld, text: string) {
  const { stored, judged } = world.broker.handOver(new Secret(text));
  return { stored: codeOf(stored), judged: codeOf(judged) };
}

async function revoke(world: AgentWorld): Promise<void> {
  world.server.registry.revoke('web-01');
}

async function doubt(world: AgentWorld): Promise<void> {
  world.server.mishap = lostAnswers;
  await world.refresh();
  world.server.mishap = () => 'none';
}

async function lose(world: AgentWorld): Promise<void> {
  await doubt(world);
  await world.clock.elapse(minute);
}

describe('a hand-over', () => {
  it('is acknowledged when it is durable, and judged when the server has spoken', async () => {
    const world = await AgentWorld.begun();
    const { stored, judged } = handOver(world, another(world));
    await world.clock.elapse(0);
    expect(await stored).toBeNull();
    expect(await judged).toBeNull();
    expect(world.broker.status()).toMatchObject({
      state: 'active',
      secret: { generation: 2 },
      token: { sequence: 2 },
    });
    expect(world.disk.files().has('/state/agents/web-01/candidate.sealed')).toBe(false);
  });

  it('is durable once it is acknowledged, whatever is lost', async () => {
    const world = await AgentWorld.begun();
    world.server.mishap = () => 'unreachable';
    await world.handOver(another(world));
    world.powerCut();
    world.server.mishap = () => 'none';
    await world.start();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
  });

  it('waits for a running attempt, and does not disturb it', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 5_000;
    const refreshed = codeOf(world.broker.refresh(new AbortController().signal));
    await world.clock.elapse(1_000);
    const { stored, judged } = handOver(world, another(world));
    await world.clock.elapse(1_000);
    expect(world.disk.files().has('/state/agents/web-01/candidate.sealed')).toBe(false);
    await world.clock.elapse(10_000);
    expect(await refreshed).toBeNull();
    expect([await stored, await judged]).toEqual([null, null]);
    expect(world.broker.status().secret.generation).toBe(3);
    expect(world.server.registry.report()).toMatchObject({
      'web-01': { generation: 2 },
      'web-01-new': { generation: 1 },
    });
  });

  it('gives way to a newer one, before it is stored and after', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 5_000;
    void world.refresh();
    await world.clock.elapse(0);
    const [first, second] = [handOver(world, 'first'), handOver(world, another(world))];
    expect(await first.stored).toBe('HANDOVER_REFUSED');
    world.server.mishap = () => 'unreachable';
    await world.clock.elapse(6_000);
    expect(await second.stored).toBeNull();
    const third = handOver(world, another(world, 'third'));
    await world.clock.elapse(0);
    expect([await second.judged, await third.stored]).toEqual(['HANDOVER_REFUSED', null]);
    world.server.mishap = () => 'none';
    await world.clock.elapse(5 * minute);
    expect(await third.judged).toBeNull();
    expect(world.server.registry.report()).toMatchObject({
      'web-01-new': { generation: 0 },
      third: { generation: 1 },
    });
  });

  it('fills the bucket again', async () => {
    const world = await AgentWorld.begun();
    for (let drawn = 0; drawn < 5; drawn += 1) await world.refresh();
    expect(await world.refresh()).toBe('RATE_LIMITED');
    await world.handOver(another(world));
    expect(world.broker.status().token.sequence).toBe(7);
    expect(await world.refresh()).toBeNull();
  });

  it.each([
    ['revoked', revoke],
    ['lost', lose],
    ['in doubt', doubt],
  ] as const)('ends what was wrong: %s', async (_what, spoil) => {
    const world = await AgentWorld.begun();
    await spoil(world);
    const refreshed = world.refresh();
    await world.handOver(another(world));
    await world.clock.elapse(1);
    expect(['SECRET_REVOKED', 'SECRET_LOST_IN_FLIGHT', null]).toContain(await refreshed);
    expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
    expect(await world.refresh()).toBeNull();
  });
});

describe('a wrong secret', () => {
  it('over a good one is refused, kept and never sent again; the good one stays in use', async () => {
    const world = await AgentWorld.begun();
    const { stored, judged } = handOver(world, 'never made');
    await world.clock.elapse(0);
    expect([await stored, await judged]).toEqual([null, 'HANDOVER_REFUSED']);
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 1 } });
    expect(
      world.alerts.map((alert) => alert.code),
      'until the next exchange',
    ).toEqual(['HANDOVER_REFUSED']);
    expect(world.disk.files().has('/state/agents/web-01/candidate.sealed')).toBe(true);
    await world.restart();
    await world.clock.elapse(2 * 60 * minute);
    expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
    expect(world.server.arrivals.length).toBe(1 + world.broker.status().secret.generation);
  });

  it('is not sent again because the next hand-over failed half-way', async () => {
    const world = await AgentWorld.begun();
    await world.handOver('never made');
    await world.clock.elapse(1);
    for (const step of ['create', 'write', 'sync', 'rename'] as const) {
      world.disk.fault = ([each, path = '']) => (each === step && path.includes('candidate') ? 'EIO' : null);
      await expect(world.handOver('another')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      world.disk.fault = () => null;
      await world.clock.elapse(minute);
      await world.restart();
    }
    expect(world.server.arrivals).toHaveLength(2);
    expect(world.broker.status().state).toBe('active');
  });

  it('does not leave the agent degraded because the server could not be reached first', async () => {
    const world = await AgentWorld.begun();
    world.server.mishap = () => 'unreachable';
    await world.handOver('never made');
    await world.clock.elapse(minute);
    expect(world.broker.status()).toMatchObject({ state: 'degraded', secret: { status: 'pending' } });
    world.server.mishap = () => 'none';
    await world.clock.elapse(5 * minute);
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 1 } });
  });

  it('as the first of all becomes the current one, refused, and tried every 5 minutes', async () => {
    const world = new AgentWorld();
    await world.start();
    const { stored, judged } = handOver(world, 'never made');
    await world.clock.elapse(0);
    expect([await stored, await judged]).toEqual([null, 'HANDOVER_REFUSED']);
    expect(world.broker.status()).toMatchObject({
      state: 'revoked',
      secret: { generation: 1, status: 'refused' },
    });
    expect(await world.refresh()).toBe('SECRET_REVOKED');
    await world.clock.elapse(60 * minute);
    expect(world.server.arrivals).toHaveLength(13);
    await world.restart();
    expect(world.broker.status().state).toBe('revoked');
    await world.handOver();
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
  });

  it('as the first of all is lost, not revoked, where an answer to it was lost', async () => {
    const world = new AgentWorld();
    await world.start();
    world.server.mishap = lostAnswers;
    await world.handOver();
    world.server.mishap = () => 'none';
    await world.clock.elapse(minute);
    expect(world.broker.status()).toMatchObject({ state: 'lost', secret: { status: 'lost' } });
  });
});

describe('the same secret, handed over once more', () => {
  it('after an answer to it was lost is lost too, never revoked', async () => {
    const world = new AgentWorld();
    await world.start();
    world.server.mishap = lostAnswers;
    const text = another(world);
    await world.handOver(text);
    world.server.mishap = () => 'none';
    await world.handOver(text);
    await world.clock.elapse(minute);
    expect(world.broker.status()).toMatchObject({ state: 'lost', secret: { status: 'lost' } });
  });
});

describe('a spent candidate that could not be removed from the store', () => {
  it.each(['reuse-revokes-family', 'strict'] as const)('is never sent again, under %s', async (policy) => {
    const world = await AgentWorld.begun({ policy });
    world.disk.fault = ([step, path = '']) =>
      step === 'remove' && path.endsWith('/candidate.sealed') ? 'EIO' : null;
    await world.handOver(another(world));
    await world.clock.elapse(1);
    world.disk.fault = () => null;
    expect(world.disk.files().has('/state/agents/web-01/candidate.sealed')).toBe(true);
    for (let rotation = 0; rotation < 4; rotation += 1) {
      expect(await world.refresh()).toBeNull();
      await world.restart();
    }
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 6 } });
    expect(world.server.registry.report()['web-01-new']).toMatchObject({
      status: 'ACTIVE',
      spentSecretUses: 0,
    });
  });

  it('may be handed over again', async () => {
    const world = await AgentWorld.begun({ policy: 'reusable' });
    const text = another(world);
    for (const generation of [2, 3]) {
      await world.handOver(text);
      await world.clock.elapse(1);
      expect(world.broker.status().secret.generation).toBe(generation);
    }
  });
});
