import { describe, expect, it } from 'vitest';
import { TokenwardClientError } from '../../src/client/library/client-error.ts';
import { canBeSentAgain, isFinal, livesLongEnough, pauseMs } from '../../src/client/library/decisions.ts';
import { withHeader } from '../../src/client/library/request-headers.ts';

describe('a token in memory', () => {
  it.each([
    [30_000, 0, 30_000, true],
    [29_999, 0, 30_000, false],
    [60_000, 60_001, 30_000, false],
    [0, 0, 0, false],
  ])('of %i ms, where %i ms are wanted and %i ms the margin: %s', (expiresInMs, wanted, margin, does) => {
    expect(livesLongEnough({ expiresInMs }, wanted, margin)).toBe(does);
  });
});

it('pauses grow to a limit, and are never shorter than the daemon says', () => {
  expect([1, 2, 3, 20].map((failures) => pauseMs(failures, null, 1))).toEqual([250, 500, 1000, 10_000]);
  expect(pauseMs(1, null, 0)).toBe(125);
  expect(pauseMs(1, 2000, 0)).toBe(2000);
});

it.each([
  [null, 'DAEMON_NOT_RUNNING', false, false],
  [null, 'PEER_DENIED', false, true],
  [null, 'PEER_DENIED', true, false],
  [403, 'PEER_DENIED', true, true],
  [404, 'AGENT_UNKNOWN', true, true],
  [429, 'RATE_LIMITED', false, false],
  [503, 'SHUTTING_DOWN', false, false],
])('an answer %s %s, let in before: %s; final: %s', (status, code, wasLetIn, final) => {
  expect(isFinal(new TokenwardClientError(code, 'text', { status }), wasLetIn)).toBe(final);
});

it('a mistake of the program is final', () => expect(isFinal(new TypeError('text'), true)).toBe(true));

it.each([
  [null, true],
  [undefined, true],
  ['text', true],
  [Buffer.from('text'), true],
  [new ReadableStream(), false],
  [['x'].values(), false],
])('whether body %# can be sent again: %s', (body, can) => expect(canBeSentAgain(body)).toBe(can));

it.each([
  [undefined, ['authorization', 'new']],
  [
    ['a', '1', 'AUTHORIZATION', 'old'],
    ['a', '1', 'authorization', 'new'],
  ],
  [new Map([['a', '1']]), ['a', '1', 'authorization', 'new']],
  [{ a: ['1', '2'], b: undefined, Authorization: 'old' }, ['a', '1', 'a', '2', 'authorization', 'new']],
])('the header is set once among headers of form %#', (headers, all) => {
  expect(withHeader(headers, 'authorization', 'new')).toEqual(all);
});
