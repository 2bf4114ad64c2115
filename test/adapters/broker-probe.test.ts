import { describe, expect, it } from 'vitest';
import { begun, codes, minting, mintingWithProbe, minute, report } from './revocable-agents.ts';

/** Tokens that are shown to the server: by schedule, after a report and after a restart. */

describe('a probe', () => {
  it('is made as often as configured, and bothers nobody while the token works', async () => {
    const world = await begun(mintingWithProbe);
    await world.clock.elapse(20 * minute + 1_000);
    expect(world.server.probes).toBe(4);
    expect(world.server.arrivals).toHaveLength(1);
    expect(codes(world)).toEqual([]);
  });

  it('finds a dead token, looks twice, and has it replaced', async () => {
    const world = await begun(mintingWithProbe);
    world.server.revokeTokens();
    await world.clock.elapse(5 * minute + 2_000);
    expect(world.withdrawn).toEqual([1]);
    expect(world.broker.token()?.sequence).toBe(2);
    expect(world.server.probes).toBe(2);
  });

  it('that is rejected once only destroys nothing', async () => {
    const world = await begun(mintingWithProbe);
    world.server.probeVerdict = { kind: 'rejected', detail: 'the server answered 401' };
    await world.clock.elapse(5 * minute + 1);
    world.server.probeVerdict = null;
    await world.clock.elapse(minute);
    expect(world.withdrawn).toEqual([]);
    expect(world.broker.token()?.sequence).toBe(1);
  });

  it('confirms a report: the token is withdrawn and another one there within 2 s', async () => {
    const world = await begun(mintingWithProbe);
    world.server.latencyMs = 300;
    world.server.revokeTokens();
    report(world);
    await world.clock.elapse(400);
    expect(world.broker.token()).toBeNull();
    await world.clock.elapse(600);
    expect(world.broker.token()?.sequence).toBe(2);
  });

  it('that says the token works is the end of a report, and the next look comes later', async () => {
    const world = await begun(mintingWithProbe);
    report(world);
    await world.clock.elapse(1);
    expect(world.server.probes).toBe(1);
    expect(codes(world)).toEqual([]);
    report(world);
    await world.clock.elapse(minute - 10);
    expect(world.server.probes).toBe(1);
    await world.clock.elapse(20);
    expect(world.server.probes).toBe(2);
    expect(world.server.arrivals).toHaveLength(1);
  });

  it('that is forbidden says that a permission is missing', async () => {
    const world = await begun(mintingWithProbe);
    world.server.probeVerdict = { kind: 'forbidden', detail: 'the server answered 403' };
    await world.clock.elapse(5 * minute + 1);
    expect(codes(world)).toEqual(['TOKEN_REJECTED warning']);
    expect(world.broker.token()).not.toBeNull();
    world.server.probeVerdict = null;
    await world.clock.elapse(5 * minute);
    expect(codes(world)).toEqual([]);
  });

  it('that was forbidden is no matter any more when the configuration has none', async () => {
    const world = await begun(mintingWithProbe);
    world.server.probeVerdict = { kind: 'forbidden', detail: 'the server answered 403' };
    await world.clock.elapse(5 * minute + 1);
    const without = { ...world.settings, probeEveryMs: null };
    await world.broker.reconfigure(without, world.server.provider(without));
    await world.clock.elapse(0);
    expect(codes(world)).toEqual([]);
  });

  it('that was forbidden is made again as soon as the configuration changes', async () => {
    const world = await begun(mintingWithProbe);
    world.server.probeVerdict = { kind: 'forbidden', detail: 'the server answered 403' };
    await world.clock.elapse(5 * minute + 1);
    world.server.probeVerdict = null;
    await world.broker.reconfigure({ ...world.settings }, world.server.provider(world.settings));
    await world.clock.elapse(1);
    expect(codes(world)).toEqual([]);
  });

  it('holds up neither a hand-over nor a stop', async () => {
    const world = await begun(mintingWithProbe);
    world.server.latencyMs = 4_000;
    await world.clock.elapse(5 * minute);
    world.server.latencyMs = 0;
    await world.handOver(world.server.create('web-01-again'));
    await world.clock.elapse(1);
    expect(world.broker.token()?.sequence).toBe(2);
  });
});

describe('a stored token that may have been revoked', () => {
  it('is not served after a restart before another one is there', async () => {
    const world = await begun(minting);
    world.server.latencyMs = 100;
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'acquiring', token: { status: 'none' } });
    await world.clock.elapse(100);
    expect(world.broker.token()?.sequence).toBe(2);
  });

  it('is proved by a probe where there is one, without an exchange', async () => {
    const world = await begun(mintingWithProbe);
    world.server.latencyMs = 100;
    for (let restart = 0; restart < 20; restart += 1) {
      await world.restart();
      expect(world.broker.token()).toBeNull();
      await world.clock.elapse(100);
      expect(world.broker.token()?.sequence).toBe(1);
    }
    expect(world.server.arrivals).toHaveLength(1);
  });

  it('is replaced where the probe is rejected', async () => {
    const world = await begun(mintingWithProbe);
    world.server.revokeTokens();
    await world.restart();
    await world.clock.elapse(2_000);
    expect(world.broker.token()?.sequence).toBe(2);
  });

  it('is served as soon as the server is back', async () => {
    const world = await begun(mintingWithProbe);
    world.server.probeVerdict = { kind: 'unknown', code: 'SERVER_UNREACHABLE', detail: 'refused' };
    world.server.mishap = () => 'unreachable';
    await world.restart();
    await world.clock.elapse(minute);
    expect(world.broker.token()).toBeNull();
    expect(codes(world)).toEqual(['SERVER_UNREACHABLE critical']);
    world.server.probeVerdict = null;
    await world.clock.elapse(minute);
    expect(world.broker.token()?.sequence).toBe(1);
    expect(codes(world)).toEqual([]);
  });
});
