import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { Random } from '../../../src/ports/random.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';

const sources: readonly [string, () => Random][] = [
  ['the system’s', () => systemRandom],
  ['the seeded one', () => new SeededRandom(7)],
];

describe.each(sources)('chance from %s generator', (_name, make) => {
  it('is spread over [0, 1)', () => {
    const random = make();
    const drawn = Array.from({ length: 2_000 }, () => random.fraction());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
    expect(new Set(drawn).size).toBeGreaterThan(1_990);
  });

  it('gives as many bytes as asked for, never the same', () => {
    const random = make();
    expect(random.bytes(0)).toHaveLength(0);
    const [one, two] = [random.bytes(100_000), random.bytes(100_000)];
    expect(one).toHaveLength(100_000);
    expect(new Set(one).size).toBe(256);
    expect(Buffer.compare(one, two)).not.toBe(0);
  });

  it('gives version 4 UUIDs', () => {
    const random = make();
    const made = Array.from({ length: 100 }, () => random.uuid());
    for (const uuid of made)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(made).size).toBe(100);
  });
});

it('the same seed gives the same chance, another one another', () => {
  const draws = [1, 1, 2].map((seed) => [...new SeededRandom(seed).bytes(20)]);
  expect(draws[0]).toEqual(draws[1]);
  expect(draws[0]).not.toEqual(draws[2]);
});
