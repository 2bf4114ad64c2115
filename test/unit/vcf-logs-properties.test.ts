import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/domain/outcome.ts';
import { errorMeanings } from '../../src/providers/vcf-logs/error-codes.ts';
import { interpret } from '../../src/providers/vcf-logs/interpret.ts';
import { answers, anything, bytesOf, statuses, texts } from '../support/answers.ts';

const text = texts(Object.keys(errorMeanings));
const any = anything(text);
const answer = answers(
  fc.record({ access_token: any, new_secret: any, ttl: any }, { requiredKeys: [] }).map(bytesOf),
  fc.record({ errorCode: any, errorMessage: any }, { requiredKeys: [] }).map(bytesOf),
);

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
    const grant = fc.record({ access_token: text, new_secret: text, ttl: any });
    fc.assert(
      fc.property(grant, statuses, (fields, given) => {
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
