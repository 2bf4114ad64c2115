import { describe, expect, it, vi } from 'vitest';
import { invariants } from './invariants/names.ts';
import { report } from './report.ts';
import { tell } from './run.ts';
import { storyOf } from './story.ts';
import { emptyTally } from './tally.ts';
import { work } from './work.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What the simulation itself promises. The thousands of seeds run through `npm run simulate`. */

const oneDay = { days: 1 };

describe('a seed', () => {
  it.each(['file', 'keychain', 'memory'] as const)(
    'tells the same story each time, with a %s store',
    async (store) => {
      const [first, second] = [
        await tell(11, { ...oneDay, store }, true),
        await tell(11, { ...oneDay, store }, true),
      ];
      expect(first.trace.length).toBeGreaterThan(20);
      expect(second.hash).toBe(first.hash);
      expect(second.tally).toEqual(first.tally);
    },
  );

  it('tells the same story whether it is written down or not', async () => {
    const [traced, silent] = [await tell(12, oneDay, true), await tell(12, oneDay)];
    expect(silent.tally).toEqual(traced.tally);
  });

  it('tells another story than the next one', async () => {
    const [one, other] = [await tell(21, oneDay, true), await tell(22, oneDay, true)];
    expect(other.hash).not.toBe(one.hash);
  });

  it('draws what the caller does not fix', () => {
    const stories = Array.from({ length: 200 }, (_, index) => storyOf(index + 1, oneDay));
    expect(new Set(stories.map(({ policy }) => policy)).size).toBe(5);
    expect(new Set(stories.map(({ store }) => store))).toEqual(new Set(['file', 'keychain', 'memory']));
    expect(
      stories.some(({ outageAlone, hosts, agentsPerHost }) => outageAlone && hosts * agentsPerHost === 10),
    ).toBe(true);
    expect(storyOf(7, { ...oneDay, policy: 'strict', store: 'memory' })).toMatchObject({
      policy: 'strict',
      store: 'memory',
    });
  });

  it('has a product whose tokens can be revoked in two of five stories, and a secret that may be shown again there', () => {
    const stories = Array.from({ length: 1_000 }, (_, index) => storyOf(index + 1, oneDay));
    const ofKind = (kind: string) => stories.filter(({ product }) => product.kind === kind);
    expect(ofKind('minting').length).toBeGreaterThan(200);
    expect(ofKind('as-is').length).toBeGreaterThan(100);
    expect(ofKind('rotating').filter(({ revocations }) => !revocations).length).toBeGreaterThan(250);
    for (const { product, policy } of stories)
      if (product.kind !== 'rotating') expect(policy).toBe('reusable');
    expect(storyOf(9, { ...oneDay, policy: 'strict' }).product.kind).toBe('rotating');
  });
});

describe('a trace', () => {
  it('names credentials by their fingerprints only', async () => {
    const { trace } = await tell(11, oneDay, true);
    // The server's secrets and tokens are 32 random bytes and more, in base64url.
    expect(
      trace.filter((line) => /[A-Za-z0-9_-]{40}/.test(line.replaceAll(/sha256:[0-9a-f]{64}/g, ''))),
    ).toEqual([]);
  });
});

describe('the first stories', () => {
  it('violate nothing', async () => {
    const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
    const { tally, findings } = await work({ seeds, options: oneDay });
    expect(findings).toEqual([]);
    expect(tally).toMatchObject({ seeds: 60, days: 60 });
  });
});

describe('a report', () => {
  it('says of a long run what it never met', () => {
    const text = report({ ...emptyTally(), seeds: 2_000 }, [], oneDay, 1);
    expect(text).toContain('never happened: machine-cloned');
    expect(text).toContain('never happened: tokens-revoked');
    expect(text).toContain('never happened: token-rejected-again');
    for (const name of Object.keys(invariants)) expect(text).toContain(`never put to the test: ${name}`);
  });

  it('gives the seed and the sentence that was broken', () => {
    const violation = {
      invariant: 'refusal-pace',
      what: 'too soon',
      site: 'host-1/web-10',
      atMs: 7_200_000,
    } as const;
    const text = report(emptyTally(), [{ seed: 42, violation }], oneDay, 1);
    expect(text).toContain('VIOLATION seed 42: too soon (host-1/web-10, after 2.00 hours)');
    expect(text).toContain(invariants['refusal-pace']);
  });
});
