import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { rotationPolicies } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { AgentWorld } from '../fakes/agent-world.ts';
import type { Mishap } from '../fakes/fake-server.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The promises of the rotation, under whatever a server, a network and a crash may do. */

const mishaps: readonly Mishap[] = ['none', 'unreachable', 'lost-request', 'lost-answer', 'truncated', 'bad-gateway', 'rate-limited', 'firewall', 'not-found'];

type Move =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'weather'; readonly mishap: Mishap }
  | { readonly do: 'refresh' | 'kill' | 'suspend' | 'revoke' | 'import' | 'import-wrong' };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 * 60_000 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('weather' as const), mishap: fc.constantFrom(...mishaps) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('refresh' as const, 'kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('suspend' as const, 'revoke' as const, 'import' as const, 'import-wrong' as const) }) },
);

async function perform(world: AgentWorld, next: Move): Promise<void> {
  switch (next.do) {
    case 'wait':
      return world.clock.elapse(next.ms);
    case 'weather':
      world.server.mishap = () => next.mishap;
      return;
    case 'refresh':
      void world.broker.refresh(new AbortController().signal).catch(() => {});
      return world.clock.elapse(0);
    case 'kill':
      world.kill();
      return world.start();
    case 'suspend':
      world.clock.suspend(3 * 60 * 60_000);
      return world.clock.elapse(30_000);
    case 'revoke':
      world.server.registry.revoke('web-01');
      return;
    case 'import':
      world.server.registry.revoke('web-01');
      return world.handOver();
    case 'import-wrong':
      return world.handOver('never made');
  }
}

async function begun(seed: number, policy: (typeof rotationPolicies)[number]): Promise<AgentWorld> {
  const world = new AgentWorld({ seed, policy });
  await world.start();
  await world.handOver();
  await world.clock.elapse(1);
  return world;
}

const scenario = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  policy: fc.constantFrom(...rotationPolicies),
  moves: fc.array(move, { minLength: 1, maxLength: 25 }),
});

describe('whatever happens', () => {
  it('no bucket is exceeded, no generation goes back, and no dead token is served', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, policy, moves }) => {
        const world = await begun(seed, policy);
        let handOvers = 1;
        let generation = 0;
        for (const next of moves) {
          await perform(world, next);
          if (next.do === 'import' || next.do === 'import-wrong') handOvers += 1;
          const status = world.broker.status();
          expect(status.secret.generation).toBeGreaterThanOrEqual(generation);
          ({ generation } = status.secret);
          const token = world.broker.token();
          if (token !== null) expect(status.token).toMatchObject({ status: 'valid', sequence: token.sequence });
        }
        expect(excess(world.server.arrivals, handOvers)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 150 },
    );
  });

  it('a secret is never called revoked after a doubt', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, policy, moves }) => {
        const world = await begun(seed, policy);
        for (const next of moves.filter((each) => each.do !== 'revoke' && !each.do.startsWith('import'))) {
          await perform(world, next);
          expect(world.broker.status().state).not.toBe('revoked');
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each(['grace', 'until-first-use', 'reusable'] as const)('under %s every way leads back to active once the weather is fine', async (policy) => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, moves }) => {
        const world = await begun(seed, policy);
        world.server.registry.rule = { policy, graceMs: 365 * 24 * 60 * 60_000 };
        for (const next of moves.filter((each) => each.do !== 'revoke' && each.do !== 'import')) await perform(world, next);
        world.server.mishap = () => 'none';
        await world.clock.elapse(2 * 60 * 60_000);
        expect(world.broker.status().state).toBe('active');
      }),
      { numRuns: 60 },
    );
  });
});

describe('while the server answers', () => {
  it('a token is refreshed before it ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
        const world = await begun(seed, 'strict');
        for (let minute = 0; minute < 180; minute += 1) {
          await world.clock.elapse(60_000);
          expect(world.broker.token()).not.toBeNull();
        }
      }),
      { numRuns: 20 },
    );
  });
});

/** By how much any stretch of time has more exchanges than a full bucket and its refill allow; a hand-over fills it anew. */
function excess(arrivals: readonly number[], handOvers: number): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (const [from, start] of arrivals.entries()) {
    for (const [to, end] of arrivals.entries()) {
      if (to < from) continue;
      worst = Math.max(worst, to - from + 1 - (6 * handOvers + ((end - start) * 6) / 60_000));
    }
  }
  return worst;
}
