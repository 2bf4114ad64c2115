import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, HttpAnswer } from '../../src/domain/outcome.ts';
import { errorMeanings } from '../../src/providers/vcf-logs/error-codes.ts';
import { interpret } from '../../src/providers/vcf-logs/interpret.ts';

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value) ?? '');
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...Object.keys(errorMeanings)),
);
const anything = fc.oneof(text, fc.integer(), fc.double(), fc.constant(null), fc.jsonValue());

/** From noise to what almost fits: fields of the API with any value. */
const body: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.jsonValue().map(bytesOf),
  fc
    .record({ access_token: anything, new_secret: anything, ttl: anything }, { requiredKeys: [] })
    .map(bytesOf),
  fc.record({ errorCode: anything, errorMessage: anything }, { requiredKeys: [] }).map(bytesOf),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))),
);
const header = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
);
const headers: fc.Arbitrary<HttpAnswer['headers']> = fc.record(
  { 'content-type': header, 'retry-after': header, location: fc.oneof(header, fc.webUrl()), date: header },
  { requiredKeys: [] },
);
const status = fc.oneof(
  fc.integer({ min: 100, max: 999 }),
  fc.constantFrom(200, 302, 400, 401, 403, 404, 429, 500),
);
const answer: fc.Arbitrary<HttpAnswer> = fc.record({
  kind: fc.constant('http'),
  status,
  headers,
  body,
  complete: fc.boolean(),
});

describe('interpret, for any answer', () => {
  it('does not throw, does not change its mind, and gives numbers that can be reckoned with', () => {
    fc.assert(
      fc.property(answer, (given: Answer) => {
        const outcome = interpret(given);
        expect(JSON.stringify(interpret(given))).toBe(JSON.stringify(outcome));
        const numbers = Object.values(outcome).filter((value) => typeof value === 'number');
        expect(numbers.every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }),
    );
  });

  it('does not take for understood what is incomplete, or a failure of the server', () => {
    fc.assert(
      fc.property(answer, (given) => {
        fc.pre(!given.complete || given.status >= 500);
        expect(interpret(given).kind).toBe('in-doubt');
      }),
    );
  });

  it('grants only with 2xx, and exactly what is in the answer', () => {
    const grant = fc.record({ access_token: text, new_secret: text, ttl: anything });
    fc.assert(
      fc.property(grant, status, (fields, given) => {
        const outcome = interpret({
          kind: 'http',
          status: given,
          headers: {},
          body: bytesOf(fields),
          complete: true,
        });
        const fits = given >= 200 && given < 300 && fields.access_token !== '' && fields.new_secret !== '';
        expect(outcome.kind === 'granted').toBe(fits);
        const found = outcome.kind === 'granted' ? [outcome.token, outcome.newSecret] : [];
        const expected = fits ? [fields.access_token, fields.new_secret] : [];
        expect(found.map((credential) => credential?.text.reveal())).toEqual(expected);
      }),
    );
  });

  it('refuses only with 400, 401 and 403', () => {
    fc.assert(
      fc.property(answer, (given) => {
        const refused = interpret(given).kind === 'refused';
        expect(!refused || [400, 401, 403].includes(given.status)).toBe(true);
      }),
    );
  });
});
