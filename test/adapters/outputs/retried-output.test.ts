import { beforeEach, describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import type { Token } from '../../../src/domain/token.ts';
import { RetriedOutput } from '../../../src/outputs/retried-output.ts';
import type { Output } from '../../../src/ports/output.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { tokenOf } from './fixtures/tokens.ts';

/** An output that fails as long as the test wants it to. */
class FlakyOutput implements Output {
  readonly name = 'flaky';
  /** The sequences of the tokens; 0 for a withdrawal. */
  readonly asked: number[] = [];
  failure: Error | null = null;
  closed = false;

  async publish(token: Token): Promise<void> {
    this.asked.push(token.sequence);
    if (this.failure !== null) throw this.failure;
  }

  async withdraw(): Promise<void> {
    this.asked.push(0);
    if (this.failure !== null) throw this.failure;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const full = new TokenwardError('OUTPUT_FAILED', 'disk full');
const missing = new TokenwardError('OUTPUT_UNUSABLE', 'folder missing');

let output: FlakyOutput;
let clock: ManualClock;
let told: string[];
let retried: RetriedOutput;

beforeEach(() => {
  output = new FlakyOutput();
  clock = new ManualClock();
  told = [];
  retried = new RetriedOutput(output, {
    clock,
    random: new SeededRandom(1),
    signal: new AbortController().signal,
    onFailed: (name, error) => void told.push(`${name} failed: ${error.message}`),
    onWorking: (name) => void told.push(`${name} works`),
  });
});

describe('an output that fails', () => {
  it('is tried again until it works, and each change is told once', async () => {
    output.failure = full;
    expect(await retried.publish(tokenOf('a'))).toBe(false);
    await clock.elapse(10 * 60_000);
    expect(told).toEqual(['flaky failed: disk full']);
    output.failure = null;
    await clock.elapse(60_000);
    expect(told).toEqual(['flaky failed: disk full', 'flaky works']);
    expect(clock.nextDueInMs()).toBeNull();
  });

  it('is told again when it fails in another way', async () => {
    output.failure = full;
    await retried.publish(tokenOf('a'));
    output.failure = missing;
    await clock.elapse(60_000);
    expect(told).toEqual(['flaky failed: disk full', 'flaky failed: folder missing']);
  });

  it('waits longer and longer, but never more than a minute', async () => {
    output.failure = full;
    await retried.publish(tokenOf('a'));
    await clock.elapse(60_000);
    const early = output.asked.length;
    await clock.elapse(60 * 60_000);
    const pauses: number[] = [];
    for (let tries = 0; tries < 20; tries += 1) {
      const pause = clock.nextDueInMs() ?? Infinity;
      pauses.push(pause);
      await clock.elapse(pause);
    }
    expect(early).toBeLessThan(20);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
    expect(Math.max(...pauses)).toBeGreaterThan(30_000);
  });

  it('gets a newer token at once, and the older one never again', async () => {
    output.failure = full;
    await retried.publish(tokenOf('a', 1));
    output.failure = null;
    expect(await retried.publish(tokenOf('b', 2))).toBe(true);
    await clock.elapse(10 * 60_000);
    expect(output.asked).toEqual([1, 2]);
    expect(told).toEqual(['flaky failed: disk full', 'flaky works']);
  });

  it('turns what it does not know into a bug report', async () => {
    output.failure = new Error('boom');
    await retried.publish(tokenOf('a'));
    expect(told[0]).toContain('a bug in tokenward');
  });

  it('is left alone after closing', async () => {
    output.failure = full;
    await retried.publish(tokenOf('a'));
    await retried.close();
    expect(clock.nextDueInMs()).toBeNull();
    expect(await retried.publish(tokenOf('b', 2))).toBe(true);
    expect([output.asked, output.closed]).toEqual([[1], true]);
  });
});

describe('an output that works', () => {
  it('is published to once per token and per recheck', async () => {
    expect(await retried.recheck()).toBe(true);
    await retried.publish(tokenOf('a', 1));
    await retried.recheck();
    await retried.publish(tokenOf('b', 2));
    expect(output.asked).toEqual([1, 1, 2]);
    expect(told).toEqual([]);
    expect(clock.nextDueInMs()).toBeNull();
  });
});

describe('an output that is withdrawn', () => {
  it('is tried again until it works, and then left to itself', async () => {
    await retried.publish(tokenOf('a'));
    output.failure = full;
    expect(await retried.withdraw()).toBe(false);
    output.failure = null;
    await clock.elapse(60_000);
    expect(told).toEqual(['flaky failed: disk full', 'flaky works']);
    const { length } = output.asked;
    expect(await retried.recheck()).toBe(true);
    expect(output.asked).toHaveLength(length);
    await retried.publish(tokenOf('b', 2));
    expect(output.asked.at(-1)).toBe(2);
  });

  it('has the next token, though the withdrawal ends after that came', async () => {
    const withdrawn = retried.withdraw();
    const published = retried.publish(tokenOf('b', 2));
    await Promise.all([withdrawn, published]);
    await retried.recheck();
    expect(output.asked).toEqual([0, 2, 2]);
  });
});
