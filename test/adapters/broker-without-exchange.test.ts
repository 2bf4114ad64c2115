import { describe, expect, it } from 'vitest';
import type { AgentSettings } from '../../src/domain/agent-state.ts';
import { AgentWorld } from '../fakes/agent-world.ts';
import { begun, codes, hour, minute, report } from './revocable-agents.ts';

/** A product without an exchange: the secret is what shippers send, and is shown to the server instead. */

describe('a secret that is the token', () => {
  const start = new AgentWorld().clock.now().wallMs;
  const month = 30 * 24 * hour;
  const asIs: Partial<AgentSettings> = {
    rotates: false,
    exchange: false,
    creates: false,
    tokensRevocable: true,
    probeEveryMs: 5 * minute,
    expiresAtMs: start + month,
  };

  it('is shown to the server once, and served until the end that is configured', async () => {
    const world = await begun(asIs);
    expect(world.broker.status()).toMatchObject({
      state: 'active',
      token: { expires_in: month / 1_000 - 1 },
    });
    expect(world.broker.nextRefreshInMs()).toBeNull();
    await world.clock.elapse(hour);
    expect(world.server.arrivals).toHaveLength(1);
  });

  it('tells two weeks before its end, then three days, and goes', async () => {
    const world = await begun({ ...asIs, probeEveryMs: 24 * hour });
    await world.clock.elapse(month - 14 * 24 * hour + minute);
    expect(codes(world)).toEqual(['TOKEN_EXPIRING warning']);
    await world.clock.elapse(11 * 24 * hour);
    expect(codes(world)).toEqual(['TOKEN_EXPIRING critical']);
    await world.clock.elapse(3 * 24 * hour);
    expect(world.broker.token()).toBeNull();
    expect(codes(world)).toEqual(['TOKEN_EXPIRING critical']);
  });

  it('that is revoked is served no more, and a restart does not bring it back', async () => {
    const world = await begun(asIs);
    world.server.registry.revoke('web-01');
    report(world);
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'revoked', token: { status: 'rejected' } });
    expect(codes(world)).toEqual(['SECRET_REVOKED critical']);
    const { summary } = world.alerts[0]!;
    expect(summary).toContain('it was revoked, has ended, or never was');
    expect(summary).toMatch(/there is no valid token; run `tokenward import web-01`$/);
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'revoked', token: { status: 'rejected' } });
    expect(world.withdrawn).toEqual([1, 1]);
  });

  it('that is revoked is found by the probe, which looks twice', async () => {
    const world = await begun(asIs);
    world.server.registry.revoke('web-01');
    await world.clock.elapse(5 * minute + 1_000);
    expect(world.broker.status()).toMatchObject({ state: 'revoked', token: { status: 'rejected' } });
  });

  it('is replaced by another one at once', async () => {
    const world = await begun(asIs);
    world.server.registry.revoke('web-01');
    report(world);
    await world.clock.elapse(1);
    await world.handOver(world.server.create('web-01-next'));
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'active', token: { status: 'valid', sequence: 2 } });
    expect(codes(world)).toEqual([]);
  });

  it('has another end as soon as one is configured: it is looked at once, and no more', async () => {
    const world = await begun(asIs);
    const settings = { ...world.settings, expiresAtMs: start + hour };
    await world.broker.reconfigure(settings, world.server.provider(settings));
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'active', token: { expires_in: 3_599 } });
    await world.clock.elapse(hour);
    expect(world.server.arrivals).toHaveLength(2);
    expect(world.broker.token()).toBeNull();
    expect(codes(world)).toEqual(['TOKEN_EXPIRING critical']);
  });

  it('that could not be shown on request is fine again when a probe says so', async () => {
    const world = await begun(asIs);
    world.server.mishap = () => 'unreachable';
    expect(await world.refresh()).toBe('SERVER_UNREACHABLE');
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'degraded', token: { status: 'valid' } });
    world.server.mishap = () => 'none';
    await world.clock.elapse(5 * minute);
    expect(world.broker.status()).toMatchObject({ state: 'active', token: { status: 'valid' } });
  });

  it('is proved after a restart, and not served before', async () => {
    const world = await begun(asIs);
    world.server.latencyMs = 100;
    await world.restart();
    expect(world.broker.token()).toBeNull();
    await world.clock.elapse(100);
    expect(world.broker.token()?.sequence).toBe(1);
  });
});
