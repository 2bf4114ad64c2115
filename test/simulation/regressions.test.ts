import { describe, expect, it, vi } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';
import { tell } from './run.ts';
import type { StoryOptions } from './story.ts';

vi.setConfig({ testTimeout: 60_000 });

/**
 * Stories that have shown something. A seed tells another story as soon as stories are drawn otherwise; so what a seed has
 * shown of the program stands below as a story of its own too.
 */
const seeds: readonly (readonly [seed: number, options: StoryOptions, shows: string])[] = [
  [
    1,
    { days: 1 },
    'a token published before its secret is stored, a folder not synced, locks let go too soon',
  ],
  [5, { days: 1 }, 'a journal that does not keep the newest secret, when the keychain loses its last write'],
  [6, { days: 1 }, 'a 502 that is taken for a refusal'],
  [101_230, { days: 7 }, 'an answer that a kill left in its temporary file'],
  [101_610, { days: 7 }, 'a token whose journal and answer are lost, and whose session is not'],
  [100_695, { days: 7 }, 'a judged candidate that an older journal makes a new one again'],
];

describe('a seed that catches a bug', () => {
  it.each(seeds)('%i with %o: %s', async (seed, options) => {
    const { violation } = await tell(seed, options);
    expect(violation).toBeNull();
  });
});

describe('a secret that was handed over once more, and whose answer was lost', () => {
  it('is not called revoked when it is refused in its old place', async () => {
    const world = new AgentWorld();
    await world.start();
    const text = world.server.create('web-01');
    await world.handOver(text);
    await world.clock.elapse(1);
    world.server.mishap = () => 'truncated';
    await world.handOver(text);
    world.server.mishap = () => 'none';
    await world.clock.elapse(60_000);
    world.server.registry.revoke('web-01');
    void world.refresh();
    await world.clock.elapse(60_000);
    expect(world.broker.status().state).toBe('lost');
  });
});
