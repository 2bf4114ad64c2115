import { describe, expect, it } from 'vitest';
import type { AgentSettings } from '../../src/domain/agent-state.ts';
import { Secret } from '../../src/domain/secret.ts';
import { AgentWorld } from '../fakes/agent-world.ts';
import { begun, codes, minting, mintingWithProbe, minute, report } from './revocable-agents.ts';

/** Crashes and failures in the middle of what follows from a revocation, or from a report of one. */

const asIs: Partial<AgentSettings> = {
  ...mintingWithProbe,
  exchange: false,
  expiresAtMs: Date.UTC(2026, 1, 1),
};

/** As the watch of the file does it. */
async function adopt(world: AgentWorld, text: string): Promise<void> {
  void world.broker.adopt(new Secret(text));
  await world.clock.elapse(0);
}

describe('a token that dies with its refused secret', () => {
  it('is known to be dead after a power cut at any moment from which on it is withdrawn', async () => {
    let withdrawn = 0;
    for (let at = 1; ; at += 1) {
      const world = await begun(minting);
      world.server.registry.revoke('web-01');
      const { life } = world;
      life.endAfter(at);
      report(world);
      await world.clock.elapse(0);
      if (life.alive) break;
      const isWithdrawn = world.withdrawn.length > 0;
      withdrawn += Number(isWithdrawn);
      world.powerCut();
      await world.start();
      if (isWithdrawn) expect(world.broker.status().token.status, `after change ${at}`).toBe('rejected');
    }
    expect(withdrawn).toBeGreaterThan(0);
  });
});

describe('a token whose answer was found on the disk', () => {
  it.each([
    ['without a probe', minting],
    ['with one', mintingWithProbe],
  ])('is not given to anybody where it was revoked meanwhile, %s', async (_what, settings) => {
    let found = 0;
    for (let at = 1; ; at += 1) {
      const world = await begun(settings);
      const { life } = world;
      life.endAfter(at);
      void world.refresh();
      await world.clock.elapse(0);
      if (life.alive) break;
      found += Number(hasAnswer(world));
      world.server.revokeTokens();
      const before = world.published.length;
      await world.restart();
      await world.clock.elapse(minute);
      const dead = world.published
        .slice(before)
        .filter(({ text }) => !world.server.honoursToken(text.reveal()));
      expect(dead, `after change ${at}`).toEqual([]);
      expect(world.broker.token(), `after change ${at}`).not.toBeNull();
    }
    expect(found).toBeGreaterThan(5);
  });
});

function hasAnswer({ disk }: AgentWorld): boolean {
  return [...disk.files().keys()].some((path) => path.includes('/raw-'));
}

describe('a token that is rejected again after a restart', () => {
  it('is published when it is served', async () => {
    const world = await begun(mintingWithProbe);
    report(world, undefined, true);
    await world.clock.elapse(1);
    world.server.probeVerdict = { kind: 'rejected', detail: 'the server answered 401' };
    world.server.mishap = () => 'unreachable';
    const before = world.published.length;
    await world.restart();
    expect(world.broker.token()).toBeNull();
    await world.clock.elapse(2 * minute);
    expect(world.broker.token()?.sequence).toBe(2);
    expect(world.published.slice(before).map(({ sequence }) => sequence)).toEqual([2]);
  });
});

describe('a secret that is the token', () => {
  it('is shown to the server again after a refresh that failed', async () => {
    const world = await begun(asIs);
    world.server.mishap = () => 'unreachable';
    expect(await world.refresh()).toBe('SERVER_UNREACHABLE');
    expect(world.broker.status().state).toBe('degraded');
    world.server.mishap = () => 'none';
    await world.clock.elapse(minute);
    expect(world.broker.status().state).toBe('active');
  });

  it('is told of when it is said to be dead and the server is away', async () => {
    const world = await begun(asIs);
    world.server.mishap = () => 'unreachable';
    report(world, undefined, true);
    await world.clock.elapse(1_000);
    expect(world.broker.token()).toBeNull();
    expect(codes(world)).toContain('TOKEN_REVOKED critical');
  });
});

describe('a secret that was found in the file', () => {
  it('is not sent again where a crash kept its candidate and not the note of it', async () => {
    for (let at = 1; ; at += 1) {
      const world = await AgentWorld.begun({ policy: 'reuse-revokes-family' });
      const text = world.server.create('web-01-next');
      const { life } = world;
      life.endAfter(at);
      await adopt(world, text);
      // From then on its answer can be lost, and that is another story.
      if (world.server.arrivals.length > 1) break;
      await world.restart();
      // The file is read a moment later.
      await world.clock.elapse(1);
      await adopt(world, text);
      await world.clock.elapse(minute);
      expect(world.server.registry.report()['web-01-next'], `after change ${at}`).toMatchObject({
        status: 'ACTIVE',
        spentSecretUses: 0,
      });
    }
  });
});
