import { describe, expect, it } from 'vitest';
import { type ErrorCode, TokenwardError } from '../../../src/domain/errors.ts';
import { isWorthRepeating, pauseBeforeRepeating } from '../../../src/domain/repetition.ts';

function failed(code: ErrorCode, status?: number): TokenwardError {
  return new TokenwardError(code, 'told', status === undefined ? {} : { fields: { status } });
}

describe('another attempt', () => {
  it.each<[what: string, error: TokenwardError, idempotent: boolean, otherwise: boolean]>([
    ['what never left', failed('SERVER_UNREACHABLE'), true, true],
    ['429', failed('SERVER_RATE_LIMITED', 429), true, true],
    ['500', failed('SERVER_TROUBLE', 500), true, false],
    ['503', failed('SERVER_TROUBLE', 503), true, false],
    ['a lost answer', failed('SERVER_TROUBLE'), true, false],
    ['an answer cut off', failed('SERVER_TROUBLE', 200), true, false],
    ['a licence that ended', failed('SERVER_TROUBLE', 403), false, false],
    ['401', failed('SERVER_REFUSED', 401), false, false],
    ['403', failed('SERVER_REFUSED', 403), false, false],
    ['404', failed('SERVER_MISCONFIGURED', 404), false, false],
    ['409', failed('SERVER_REFUSED', 409), false, false],
    ['a certificate', failed('SERVER_TLS_FAILED'), false, false],
    ['a bug', failed('INTERNAL'), false, false],
  ])('after %s', (_what, error, idempotent, otherwise) => {
    expect(isWorthRepeating(error, true)).toBe(idempotent);
    expect(isWorthRepeating(error, false)).toBe(otherwise);
  });
});

describe('the pause before it', () => {
  const unsaid = { retryAfterMs: null };

  it('doubles up to half a minute, between its half and its whole', () => {
    const failures = [1, 2, 3, 4, 5, 6, 7];
    expect(failures.map((each) => pauseBeforeRepeating(each, unsaid, 0))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
    expect(pauseBeforeRepeating(1, unsaid, 0.999)).toBe(1_000);
  });

  it('is what the server asks for, and a little more, up to two minutes', () => {
    expect(pauseBeforeRepeating(5, { retryAfterMs: 3_000 }, 0)).toBe(3_000);
    expect(pauseBeforeRepeating(5, { retryAfterMs: 3_000 }, 0.5)).toBe(3_150);
    expect(pauseBeforeRepeating(1, { retryAfterMs: 0 }, 0.5)).toBe(0);
    expect(pauseBeforeRepeating(1, { retryAfterMs: 3_600_000 }, 0)).toBe(120_000);
  });
});
