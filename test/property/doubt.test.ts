import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';
import type { Mishap } from '../fakes/fake-server.ts';
import { doubtfulMishaps, perform, scenarioWithout, type Move } from './moves.ts';

vi.setConfig({ testTimeout: 60_000 });

/** When a secret may be sent again after a doubt or a refusal, and when not. */

const minute = 60_000;

/** Writes down each request that leaves, with the weather it meets. */
function watchRequests(
  world: AgentWorld,
  onRequest: (mishap: Mishap) => void,
): (move: Move) => Promise<void> {
  let weather: Mishap = 'none';
  world.server.mishap = (at) => {
    if (at === 'exchange') onRequest(weather);
    return weather;
  };
  return async (move) => {
    if (move.do === 'weather') weather = move.mishap;
    else await perform(world, move);
  };
}

describe('an unresolved attempt', () => {
  it('under halt is the last one until a hand-over', async () => {
    await fc.assert(
      fc.asyncProperty(
        scenarioWithout('reconfigure', 'revoke', 'import-wrong'),
        async ({ seed, policy, moves }) => {
          const world = await AgentWorld.begun({ seed, policy, settings: { inDoubt: 'halt' } });
          let unresolved = false;
          let wrong = 0;
          const play = watchRequests(world, (mishap) => {
            if (unresolved) wrong += 1;
            unresolved = doubtfulMishaps.has(mishap);
          });
          for (const move of moves) {
            if (move.do === 'import') unresolved = false;
            await play(move);
            const { secret } = world.broker.status();
            // A process that ended before its answer was on disk left a doubt too.
            if (unresolved) expect(secret.status).toBe('blocked');
            unresolved ||= secret.status === 'blocked';
          }
          expect(wrong).toBe(0);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('under replay_once is followed by nothing before its deadline while the token lives', async () => {
    await fc.assert(
      fc.asyncProperty(
        scenarioWithout('reconfigure', 'revoke', 'import', 'import-wrong', 'cut'),
        async ({ seed, policy, moves }) => {
          const world = await AgentWorld.begun({ seed, policy });
          let overAtMs: number | null = null;
          const early: number[] = [];
          const play = watchRequests(world, (mishap) => {
            const nowMs = world.clock.now().wallMs;
            if (overAtMs !== null && nowMs < overAtMs && world.broker.token() !== null)
              early.push(nowMs - overAtMs);
            overAtMs = doubtfulMishaps.has(mishap) ? nowMs + world.settings.exchangeDeadlineMs : null;
          });
          for (const move of moves) await play(move);
          expect(early).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('under replay_once is sent again until it is answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        scenarioWithout('reconfigure', 'revoke', 'import', 'import-wrong'),
        async ({ seed, policy, moves }) => {
          const world = await AgentWorld.begun({ seed, policy });
          for (const move of moves) await perform(world, move);
          world.server.mishap = () => 'none';
          await world.clock.elapse(60 * minute);
          expect(world.broker.status().secret.status).toMatch(/^(held|lost)$/);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a refusal', () => {
  it('of a secret with a doubt, or got by a replay, is never called revoked', async () => {
    await fc.assert(
      fc.asyncProperty(
        scenarioWithout('reconfigure', 'import', 'import-wrong', 'cut'),
        async ({ seed, policy, moves }) => {
          const world = await AgentWorld.begun({ seed, policy });
          let [doubted, uncertain, sequence] = [false, false, 1];
          const play = watchRequests(world, (mishap) => {
            doubted ||= doubtfulMishaps.has(mishap);
          });
          world.onPublish = (token) => {
            if (token.sequence === sequence) return;
            [doubted, uncertain, sequence] = [false, doubted, token.sequence];
          };
          for (const move of moves) {
            await play(move);
            if (doubted || uncertain) expect(world.broker.status().state).not.toBe('revoked');
          }
        },
      ),
      { numRuns: 120 },
    );
  });
});

describe('after a proven refusal', () => {
  it('at most one request leaves in 5 minutes, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        scenarioWithout('reconfigure', 'revoke', 'import', 'import-wrong'),
        async ({ seed, policy, moves }) => {
          const world = await AgentWorld.begun({ seed, policy });
          const requests: number[] = [];
          const play = watchRequests(world, () => requests.push(world.clock.now().wallMs));
          world.server.registry.revoke('web-01');
          await world.refresh();
          expect(world.broker.status().state).toBe('revoked');
          requests.splice(0, requests.length - 1);
          for (const move of moves) {
            await play(move);
            expect(world.broker.status().state).toMatch(/^(revoked|lost)$/);
          }
          const gaps = requests.slice(1).map((at, index) => at - (requests[index] ?? 0));
          expect(gaps.filter((gap) => gap < 5 * minute)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
