import { describe, expect, it, vi } from 'vitest';
import { podFaults } from './pod-faults.ts';
import { podStoryOf, tellPods } from './tell-pods.ts';

vi.setConfig({ testTimeout: 240_000 });

/** What the simulation of two pods itself promises, and its first stories. More of them run through `npm run simulate:pods`. */

describe('a story of two pods', () => {
  it('is the same for the same seed, whether it is written down or not', async () => {
    const [first, second, silent] = [
      await tellPods(5, 1, true),
      await tellPods(5, 1, true),
      await tellPods(5, 1),
    ];
    expect(first.trace.length).toBeGreaterThan(100);
    expect(second.hash).toBe(first.hash);
    expect(silent.tally).toEqual(first.tally);
  });

  it('is told of every rotation policy, and half of the time of the one that forgives nothing', () => {
    const policies = Array.from({ length: 200 }, (_, index) => podStoryOf(index + 1, 1).policy);
    expect(new Set(policies).size).toBe(5);
    expect(policies.filter((policy) => policy === 'strict').length).toBeGreaterThan(80);
  });

  it('violates nothing, and everything that it is there for happens', async () => {
    const sum: Record<string, number> = {};
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { violations, tally } = await tellPods(seed, 1);
      expect(violations, `seed ${seed}`).toEqual([]);
      for (const [what, times] of Object.entries(tally)) sum[what] = (sum[what] ?? 0) + times;
    }
    expect(sum['secrets received']).toBeGreaterThan(50);
    expect(sum['standbys that serve']).toBeGreaterThan(4);
    expect(sum['lease-lost']).toBeGreaterThan(0);
    for (const { name } of podFaults) expect(sum[`fault: ${name}`], name).toBeGreaterThan(0);
  });
});
