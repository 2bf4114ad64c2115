import { describe, inject, it } from 'vitest';
import { rotationPolicies } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { runCampaign } from './campaign.ts';

/** A small run of `npm run torture`, which does thousands of rotations. All policies at once: most of the time is waiting. */

const seeds = { strict: 1, grace: 2, 'until-first-use': 3, reusable: 4, 'reuse-revokes-family': 5 } as const;

describe('a daemon that is killed again and again, with many rotations in flight', () => {
  it.concurrent.for(rotationPolicies)('keeps its promises under %s', async (policy, { expect }) => {
    const { tally, broken } = await runCampaign({
      policy,
      seed: seeds[policy],
      rotations: 100,
      agents: 20,
      program: inject('program'),
      node: inject('node'),
      base: '/var/tmp',
      limitMs: 100_000,
      progress: () => {},
      signal: new AbortController().signal,
    });
    expect(broken).toEqual([]);
    expect(tally.rotations).toBeGreaterThanOrEqual(100);
    expect(tally.proven).toBe(tally.lockOuts);
    // else nothing was tried here
    expect(tally.kills).toBeGreaterThanOrEqual(2);
    expect(tally.inFlight).toBeGreaterThan(0);
  });
});
