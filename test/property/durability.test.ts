import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Token } from '../../src/domain/token.ts';
import { AgentWorld, folderOf } from '../fakes/agent-world.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import type { MemoryDisk } from '../fakes/memory-disk.ts';
import { anySeed, perform, scenarioWithout } from './moves.ts';

vi.setConfig({ testTimeout: 60_000 });

/** What is on the disk for sure, whatever a power cut takes. */

const minute = 60_000;

/** The generation of a sealed record, as it stands in clear in its header (platform/seal.ts); 0 where there is none. */
function generationOn(disk: MemoryDisk, name: string): number {
  const sealed = disk.files().get(`${folderOf()}/${name}.sealed`);
  return sealed === undefined ? 0 : Number(Buffer.from(sealed).readBigUInt64BE(6));
}

/** The next start on this disk after a power cut, with no server to talk to. */
async function nextStart(world: AgentWorld, disk: MemoryDisk): Promise<AgentWorld> {
  const clock = new ManualClock(world.clock.now());
  clock.reboot();
  const next = new AgentWorld({ seed: 1, disk, clock, settings: world.settings });
  next.server.mishap = () => 'unreachable';
  await next.start();
  return next;
}

describe('whatever happens', () => {
  it('a newer generation is never replaced by an older one, in the store and in the journal', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioWithout(), async ({ seed, policy, moves }) => {
        const world = await AgentWorld.begun({ seed, policy });
        const newest = { secret: 0, journal: 0 };
        const steps: string[] = [];
        const look = () => {
          const survivor = world.disk.crash(() => 0);
          for (const name of ['secret', 'journal'] as const) {
            const generation = generationOn(survivor, name);
            if (generation < newest[name]) steps.push(`${name} ${newest[name]} -> ${generation}`);
            newest[name] = generation;
          }
        };
        look();
        world.onDiskChange = look;
        for (const move of moves) await perform(world, move);
        expect(steps).toEqual([]);
        expect(newest.journal).toBe(world.broker.status().secret.generation);
      }),
      { numRuns: 60 },
    );
  });

  it('no token is published before its secret and itself are durable', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioWithout(), async ({ seed, policy, moves }) => {
        const world = await AgentWorld.begun({ seed, policy });
        const cuts: { readonly token: Token; readonly disk: MemoryDisk }[] = [];
        world.onPublish = (token) => void cuts.push({ token, disk: world.disk.crash(() => 0) });
        for (const move of moves) {
          await perform(world, move);
          for (const { token, disk } of cuts.splice(0)) {
            expect(generationOn(disk, 'secret')).toBeGreaterThanOrEqual(token.generation);
            const next = await nextStart(world, disk);
            const status = next.broker.status();
            // More only where an answer that was on disk before the token went out waits to be read.
            expect(status.secret.generation).toBeGreaterThanOrEqual(token.generation);
            expect(status.token.sequence).toBeGreaterThanOrEqual(token.sequence);
            if (status.token.sequence === token.sequence)
              expect(status.token.fingerprint).toBe(token.fingerprint);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('what a status says after a move is still true after a power cut', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioWithout('cut'), async ({ seed, policy, moves }) => {
        const world = await AgentWorld.begun({ seed, policy });
        for (const move of moves) await perform(world, move);
        const before = world.broker.status();
        const next = await nextStart(
          world,
          world.disk.crash(() => 0),
        );
        const after = next.broker.status();
        expect(after.secret.generation).toBe(before.secret.generation);
        expect(after.token).toMatchObject({
          sequence: before.token.sequence,
          fingerprint: before.token.fingerprint,
        });
        expect(after.secret.status).toBe(before.secret.status);
      }),
      { numRuns: 60 },
    );
  });
});

describe('within one life of a token', () => {
  it('100 restarts cause no exchange, kills and power cuts alike', async () => {
    await fc.assert(
      fc.asyncProperty(
        anySeed,
        fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }),
        async (seed, cuts) => {
          const world = await AgentWorld.begun({ seed });
          for (const power of cuts) {
            await world.clock.elapse(world.random.below(10_000));
            if (power) world.powerCut();
            else world.kill();
            await world.start();
            expect(world.broker.token()?.sequence).toBe(1);
          }
          expect(world.server.arrivals).toHaveLength(1);
          await world.clock.elapse(30 * minute);
          expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
        },
      ),
      { numRuns: 8 },
    );
  });
});
