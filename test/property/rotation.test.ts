import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';
import { anySeed, ownConfiguration, perform, scenarioWithout } from './moves.ts';

vi.setConfig({ testTimeout: 60_000 });

/** The promises of the rotation, under whatever a server, a network, a crash and people may do. */

const minute = 60_000;

describe('whatever happens', () => {
  it('no bucket is exceeded, no generation and no sequence goes back, and no dead token is served', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioWithout(), async ({ seed, policy, moves }) => {
        const world = await AgentWorld.begun({ seed, policy });
        let handOvers = 1;
        let before = { generation: 0, sequence: 0 };
        for (const move of moves) {
          await perform(world, move);
          if (move.do.startsWith('import')) handOvers += 1;
          const { secret, token } = world.broker.status();
          expect(secret.generation).toBeGreaterThanOrEqual(before.generation);
          expect(token.sequence).toBeGreaterThanOrEqual(before.sequence);
          before = { generation: secret.generation, sequence: token.sequence };
          const served = world.broker.token();
          if (served !== null) expect(token).toMatchObject({ status: 'valid', sequence: served.sequence });
          expect(token.status === 'valid').toBe(served !== null);
        }
        expect(excess(world.server.arrivals, handOvers)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 120 },
    );
  });

  it('no two tokens have one sequence, and each next one is another', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioWithout(), async ({ seed, policy, moves }) => {
        const world = await AgentWorld.begun({ seed, policy });
        for (const move of moves) await perform(world, move);
        const bySequence = new Map(world.published.map((token) => [token.sequence, token.fingerprint]));
        for (const token of world.published) expect(bySequence.get(token.sequence)).toBe(token.fingerprint);
        expect(new Set(bySequence.values()).size).toBe(bySequence.size);
      }),
      { numRuns: 60 },
    );
  });

  it('a secret is never called revoked after a doubt', async () => {
    await fc.assert(
      fc.asyncProperty(
        scenarioWithout('revoke', 'import', 'import-wrong'),
        async ({ seed, policy, moves }) => {
          const world = await AgentWorld.begun({ seed, policy });
          for (const move of moves) {
            await perform(world, move);
            expect(world.broker.status().state).not.toBe('revoked');
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it.each(['grace', 'until-first-use', 'reusable'] as const)(
    'under %s every way leads back to active once the weather is fine',
    async (policy) => {
      await fc.assert(
        fc.asyncProperty(scenarioWithout('revoke', 'import'), async ({ seed, moves }) => {
          const world = await AgentWorld.begun({ seed, policy });
          world.server.registry.rule = { policy, graceMs: 365 * 24 * 60 * minute };
          for (const move of moves) await perform(world, move);
          world.server.mishap = () => 'none';
          await perform(world, ownConfiguration);
          await world.clock.elapse(120 * minute);
          expect(world.broker.status()).toMatchObject({ state: 'active' });
        }),
        { numRuns: 50 },
      );
    },
  );

  it.each(['strict', 'reuse-revokes-family'] as const)(
    'under %s nothing is lost as long as every answer arrives',
    async (policy) => {
      await fc.assert(
        fc.asyncProperty(scenarioWithout('weather', 'cut', 'revoke', 'import'), async ({ seed, moves }) => {
          const world = await AgentWorld.begun({ seed, policy });
          for (const move of moves) await perform(world, move);
          await perform(world, ownConfiguration);
          await world.clock.elapse(60 * minute);
          expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
          expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe('while the server answers', () => {
  it('a token is refreshed before it ends', async () => {
    await fc.assert(
      fc.asyncProperty(anySeed, async (seed) => {
        const world = await AgentWorld.begun({ seed });
        for (let passed = 0; passed < 180; passed += 1) {
          await world.clock.elapse(minute);
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
      worst = Math.max(worst, to - from + 1 - (6 * handOvers + ((end - start) * 6) / minute));
    }
  }
  return worst;
}
