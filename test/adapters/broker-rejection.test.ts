import { describe, expect, it } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';
import { begun, codes, minting, mintingWithProbe, minute, report } from './revocable-agents.ts';

/** Tokens that die before their time: who says so, what confirms it, and what comes of it for each kind of product. */

describe('a report about the token', () => {
  it.each([
    ['that can be revoked', minting],
    ['of a secret that rotates', {}],
  ])('%s leads to one exchange, however many report it', async (_what, settings) => {
    const world = await AgentWorld.begun({ policy: 'until-first-use', settings });
    world.server.latencyMs = 100;
    for (let shipper = 0; shipper < 1_000; shipper += 1)
      expect(report(world)).toEqual({ sequence: 1, matches: true });
    await world.clock.elapse(200);
    expect(world.server.arrivals).toHaveLength(2);
    expect(world.broker.token()?.sequence).toBe(2);
    expect(world.withdrawn, 'the old one was served until the new one was there').toEqual([]);
  });

  it('that is not the newest is answered with the newest, and leads to nothing', async () => {
    const world = await begun(minting);
    const old = world.broker.token()?.fingerprint;
    await world.refresh();
    expect(report(world, old)).toEqual({ sequence: 2, matches: false });
    await world.clock.elapse(minute);
    expect(world.server.arrivals).toHaveLength(2);
  });

  it('waits for a server that is away, and serves the token meanwhile', async () => {
    const world = await begun(minting);
    world.server.mishap = () => 'unreachable';
    report(world);
    await world.clock.elapse(minute);
    expect(world.broker.token()?.sequence).toBe(1);
    world.server.mishap = () => 'none';
    await world.clock.elapse(minute);
    expect(world.broker.token()?.sequence).toBe(2);
  });

  it('tells of a revocation that was healed at once, for a minute', async () => {
    const world = await begun(minting);
    report(world);
    await world.clock.elapse(1);
    expect(codes(world)).toEqual(['TOKEN_REVOKED warning']);
    await world.clock.elapse(minute);
    expect(codes(world)).toEqual([]);
  });

  it('of a secret that was revoked: the token is served to its last second all the same', async () => {
    const world = await AgentWorld.begun();
    world.server.registry.revoke('web-01');
    report(world);
    await world.clock.elapse(minute);
    expect(world.broker.status()).toMatchObject({
      state: 'revoked',
      token: { status: 'valid', sequence: 1 },
    });
    expect(codes(world)).toEqual(['SECRET_REVOKED critical']);
    await world.clock.elapse(30 * minute - 2 * minute);
    expect(world.broker.token()).not.toBeNull();
    expect(codes(world)).toEqual(['SECRET_REVOKED critical', 'TOKEN_EXPIRING critical']);
    await world.clock.elapse(2 * minute);
    expect(world.broker.token()).toBeNull();
  });

  it('of a revocable token, when the secret is refused too: both are dead, and a restart brings neither back', async () => {
    const world = await begun(minting);
    world.server.registry.revoke('web-01');
    report(world);
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'revoked', token: { status: 'rejected' } });
    expect(codes(world)).toEqual(['SECRET_REVOKED critical', 'TOKEN_REVOKED critical']);
    expect(world.withdrawn).toEqual([1]);
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'revoked', token: { status: 'rejected' } });
    expect(world.withdrawn, 'what an earlier life may have left').toEqual([1, 1]);
    await world.handOver(world.server.create('web-01-again'));
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'active', token: { status: 'valid', sequence: 2 } });
    expect(codes(world)).toEqual([]);
  });
});

describe('a token that is rejected right after another one', () => {
  it('is served, and replaced after 1 minute, then 2, up to an hour', async () => {
    const world = await begun(minting);
    report(world);
    await world.clock.elapse(1);
    for (const pause of [minute, 2 * minute, 4 * minute, 8 * minute]) {
      const before = world.server.arrivals.length;
      report(world);
      await world.clock.elapse(pause - 5_000);
      expect(world.server.arrivals, `within ${pause} ms`).toHaveLength(before);
      expect(world.broker.token(), 'no other one would help').not.toBeNull();
      expect(codes(world)).toContain('TOKEN_REJECTED warning');
      await world.clock.elapse(6_000);
      expect(world.server.arrivals, `after ${pause} ms`).toHaveLength(before + 1);
    }
  });

  it('still counts as such after a restart', async () => {
    const world = await begun(mintingWithProbe);
    report(world, undefined, true);
    await world.clock.elapse(1);
    await world.restart();
    world.server.probeVerdict = { kind: 'rejected', detail: 'the server answered 401' };
    report(world);
    await world.clock.elapse(50_000);
    expect(world.server.arrivals).toHaveLength(2);
    expect(codes(world)).toContain('TOKEN_REJECTED warning');
  });

  it('is forgotten when the next one comes by schedule', async () => {
    const world = await begun(minting);
    report(world);
    await world.clock.elapse(1);
    await world.clock.elapse(27 * minute);
    const before = world.server.arrivals.length;
    report(world);
    await world.clock.elapse(1);
    expect(world.server.arrivals).toHaveLength(before + 1);
  });
});

describe('what is known of the server for certain', () => {
  it('ends the token before another one is there, durably', async () => {
    const world = await begun(minting);
    world.server.mishap = () => 'unreachable';
    report(world, undefined, true);
    await world.clock.elapse(0);
    expect(world.broker.token()).toBeNull();
    expect(world.broker.status()).toMatchObject({ state: 'expired', token: { status: 'rejected' } });
    expect(codes(world)).toContain('TOKEN_REVOKED critical');
    expect(world.withdrawn).toEqual([1]);
    world.powerCut();
    await world.start();
    expect(world.broker.token()).toBeNull();
    world.server.mishap = () => 'none';
    await world.clock.elapse(minute);
    expect(world.broker.token()?.sequence).toBe(2);
  });

  it('is told once, though it is said again while it is being recorded', async () => {
    const world = await begun(minting);
    world.server.mishap = () => 'unreachable';
    report(world, undefined, true);
    report(world, undefined, true);
    await world.clock.elapse(1_000);
    expect(world.counts.events.filter((event) => event === 'token-revoked')).toHaveLength(1);
  });

  it('also ends it while what an exchange brought cannot be saved yet', async () => {
    const world = await begun(minting);
    world.server.latencyMs = 1_000;
    void world.refresh();
    await world.clock.elapse(500);
    world.disk.fault = () => 'ENOSPC';
    await world.clock.elapse(600);
    expect(world.broker.token()?.sequence).toBe(2);
    report(world, undefined, true);
    expect(world.broker.token()).toBeNull();
  });

  it('also ends it where the disk is full', async () => {
    const world = await begun(minting);
    world.server.mishap = () => 'unreachable';
    world.disk.fault = () => 'ENOSPC';
    report(world, undefined, true);
    await world.clock.elapse(100);
    expect(world.broker.token()).toBeNull();
  });
});
