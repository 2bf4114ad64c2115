import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open, seal, SEAL_OVERHEAD_BYTES, type RecordKind } from '../../../src/platform/seal.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';

const kinds: readonly RecordKind[] = ['secret', 'candidate', 'journal', 'raw', 'session', 'probe'];
const bytes = fc.uint8Array({ maxLength: 300 });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const agent = fc.string({ unit: 'grapheme', maxLength: 70 });
const context = fc.record({ agent, generation: fc.maxSafeNat(), kind: fc.constantFrom(...kinds) });

describe('a sealed record', () => {
  it('opens with its key, to the same bytes and generation', () => {
    fc.assert(
      fc.property(key, context, bytes, (k, c, plaintext) => {
        const sealed = seal(k, c, plaintext, systemRandom);
        const opened = open(k, c, sealed);
        expect(opened?.generation).toBe(c.generation);
        expect(Buffer.from(opened?.plaintext ?? []).equals(plaintext)).toBe(true);
        expect(sealed).toHaveLength(plaintext.length + SEAL_OVERHEAD_BYTES);
      }),
    );
  });

  it('does not open with any one bit flipped', () => {
    const flipped = fc.tuple(key, context, bytes, fc.nat()).map(([k, c, plaintext, at]) => {
      const sealed = seal(k, c, plaintext, systemRandom);
      const bit = at % (sealed.length * 8);
      sealed[bit >> 3] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return open(k, c, sealed);
    });
    fc.assert(
      fc.property(flipped, (opened) => {
        expect(opened).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not open with any one of its bits flipped (all of them, one record)', () => {
    const k = systemRandom.bytes(32);
    const c = { agent: 'web-01', generation: 7, kind: 'secret' } as const;
    const sealed = seal(k, c, Buffer.from('a secret'), systemRandom);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const copy = Uint8Array.from(sealed);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(open(k, c, copy)).toBeNull();
    }
  });

  it('does not open when cut short, or longer than it was', () => {
    fc.assert(
      fc.property(key, context, bytes, fc.nat(), bytes, (k, c, plaintext, at, more) => {
        const sealed = seal(k, c, plaintext, systemRandom);
        expect(open(k, c, sealed.subarray(0, at % sealed.length))).toBeNull();
        expect(open(k, c, Buffer.concat([sealed, more, Buffer.of(0)]))).toBeNull();
      }),
    );
  });

  it('opens for no other key, agent or kind', () => {
    fc.assert(
      fc.property(
        key,
        key,
        context,
        agent,
        fc.constantFrom(...kinds),
        bytes,
        (k, k2, c, agent2, kind2, plaintext) => {
          const sealed = seal(k, c, plaintext, systemRandom);
          if (!Buffer.from(k).equals(k2)) expect(open(k2, c, sealed)).toBeNull();
          if (agent2 !== c.agent) expect(open(k, { ...c, agent: agent2 }, sealed)).toBeNull();
          if (kind2 !== c.kind) expect(open(k, { ...c, kind: kind2 }, sealed)).toBeNull();
        },
      ),
    );
  });

  it('is never the same twice, and shows nothing of its contents', () => {
    const k = systemRandom.bytes(32);
    const c = { agent: 'web-01', generation: 1, kind: 'session' } as const;
    const plaintext = Buffer.from('a text that must not be seen');
    const [one, two] = [seal(k, c, plaintext, systemRandom), seal(k, c, plaintext, systemRandom)];
    expect(Buffer.from(one).equals(two)).toBe(false);
    expect(Buffer.from(one).includes('must not be seen')).toBe(false);
  });
});

it('what was never sealed does not open', () => {
  fc.assert(
    fc.property(key, context, bytes, (k, c, rubbish) => {
      expect(open(k, c, rubbish)).toBeNull();
    }),
  );
});

it.each([-1, 0.5, Number.NaN])('refuses the generation %d', (generation) => {
  const c = { agent: 'a', generation, kind: 'probe' } as const;
  expect(() => seal(systemRandom.bytes(32), c, new Uint8Array(), systemRandom)).toThrow(RangeError);
});
