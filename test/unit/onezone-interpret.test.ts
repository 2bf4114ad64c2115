import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/domain/outcome.ts';
import { interpret } from '../../src/providers/onezone/interpret.ts';
import { answers, anything, bytesOf, http, statuses, texts } from '../support/answers.ts';

const html = '<html><body>Access denied</body></html>';
/** As the API page has it. */
const pageError = {
  error: {
    id: 'badValueString',
    details: { key: 'name' },
    description: 'Bad value: provided "name" must be a string.',
  },
};
const error = (id: string) => ({ error: { id, description: 'words of the server' } });

const detail = (part: string) => expect.stringContaining(part) as string;

describe('granted', () => {
  it.each<[string, Answer]>([
    ['201 with a token', http(201, { token: 'the-token' })],
    ['200 with a token', http(200, { token: 'the-token' })],
    ['fields that we do not know', http(201, { token: 'the-token', tokenId: 'abc' })],
    ['a wrong content-type', http(201, { token: 'the-token' }, { 'content-type': 'text/html' })],
  ])('%s', (_case, answer) => {
    const outcome = interpret(answer);
    expect(outcome).toMatchObject({ kind: 'granted', ttlMs: null, newSecret: null });
    expect(outcome.kind === 'granted' && outcome.token?.text.reveal()).toBe('the-token');
  });
});

describe('in doubt, which here is only asked again', () => {
  it.each<[string, Answer]>([
    ['no answer', { kind: 'unanswered', reason: 'reset' }],
    ['a token that is cut off', { ...http(201, { token: 'the-token' }), complete: false }],
    ['a refusal that is cut off', { ...http(401, pageError), complete: false }],
    ['2xx without a token', http(201, {})],
    ['2xx with an empty token', http(201, { token: '' })],
    ['2xx with a token that is no text', http(201, { token: 7 })],
    ['2xx in HTML', http(200, html)],
    ['204', http(204, '')],
    ['400 in HTML', http(400, html)],
    ['400 without an id', http(400, { error: { description: 'no' } })],
    ['401 with nothing', http(401, '')],
    ['401 in HTML', http(401, html)],
    ['403 of a firewall', http(403, html)],
    ['403 with an id that is no text', http(403, { error: { id: 7 } })],
    ['500 in HTML', http(500, html)],
    ['503 with nothing', http(503, '')],
    ['a status that does not exist', http(777, pageError)],
  ])('%s', (_case, answer) => {
    expect(interpret(answer)).toMatchObject({
      kind: 'in-doubt',
      detail: expect.stringMatching(/^[a-z].*[^.]$/) as string,
    });
  });

  it('says when to come back, where the server does', () => {
    expect(interpret(http(503, '', { 'retry-after': '30' }))).toMatchObject({ retryAfterMs: 30_000 });
  });
});

describe('understood', () => {
  it.each<[string, Answer, object]>([
    ['401, as the API page has it', http(401, pageError), { kind: 'refused' }],
    ['403, as the API page has it', http(403, pageError), { kind: 'refused' }],
    [
      '401 with an error that is not wrapped',
      http(401, pageError.error),
      { kind: 'refused', detail: 'the server answered 401 badValueString' },
    ],
    ['401 with a revoked token', http(401, error('tokenRevoked')), { kind: 'refused' }],
    ['403 with an id that we do not know', http(403, error('somethingNew')), { kind: 'refused' }],
    [
      '401 with an id of another form',
      http(401, error('Not An Id')),
      { kind: 'refused', detail: 'the server answered 401' },
    ],
    ['403 with a limit', http(403, error('limitReached')), { kind: 'rate-limited' }],
    ['401 with a cluster that is not up', http(401, error('noServiceNodes')), { kind: 'server-trouble' }],
    [
      '403 where tokens must be shorter',
      http(403, error('tokenTimeCaveatRequired')),
      { kind: 'misconfigured', detail: detail('set a shorter ttl') },
    ],
    [
      '400, as the API page has it',
      http(400, pageError),
      { kind: 'misconfigured', detail: detail('400 badValueString: it does not understand our request') },
    ],
    ['404, as the API page has it', http(404, pageError), { kind: 'misconfigured' }],
    ['404 in HTML', http(404, html), { kind: 'misconfigured', detail: detail('check url') }],
    ['405 with an id', http(405, pageError), { kind: 'misconfigured' }],
    ['409 with an id', http(409, error('alreadyExists')), { kind: 'server-trouble' }],
    [
      'a redirect in HTML',
      http(301, html, { location: 'https://new.example.com/' }),
      { kind: 'misconfigured', detail: detail('to https://new.example.com; set url') },
    ],
    ['429 in HTML', http(429, html, { 'retry-after': '7' }), { kind: 'rate-limited', retryAfterMs: 7_000 }],
    ['429 with nothing', http(429, ''), { kind: 'rate-limited', retryAfterMs: null }],
    [
      '500, as the API page has it',
      http(500, error('internalServerError')),
      { kind: 'server-trouble', detail: 'the server answered 500 internalServerError' },
    ],
    [
      '503 with an id',
      http(503, error('noServiceNodes'), { 'retry-after': '7' }),
      { kind: 'server-trouble', retryAfterMs: 7_000 },
    ],
    [
      'a request that was not sent',
      { kind: 'not-sent', code: 'SERVER_TLS_FAILED', reason: 'why' },
      { kind: 'not-sent', code: 'SERVER_TLS_FAILED', detail: 'why' },
    ],
  ])('%s', (_case, answer, expected) => {
    expect(interpret(answer)).toMatchObject(expected);
  });
});

const ids = ['noServiceNodes', 'limitReached', 'tokenInvalid', 'constructor', '__proto__'];
const text = texts(ids);
const any = anything(text);
const answer = answers(
  fc.record({ token: any }).map(bytesOf),
  fc
    .record({ error: fc.record({ id: any, details: any, description: any }, { requiredKeys: [] }) })
    .map(bytesOf),
  fc.record({ id: any }).map(bytesOf),
);

describe('for any answer', () => {
  it('there is one outcome, always the same, with numbers that can be reckoned with', () => {
    fc.assert(
      fc.property(answer, (given) => {
        const outcome = interpret(given);
        expect(JSON.stringify(interpret(given))).toBe(JSON.stringify(outcome));
        const numbers = Object.values(outcome).filter((value) => typeof value === 'number');
        expect(numbers.every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }),
    );
  });

  it('a token is granted only by a whole 2xx, and a secret refused only by a whole 401 or 403', () => {
    fc.assert(
      fc.property(answer, (given) => {
        const { kind } = interpret(given);
        const isRight = {
          granted: given.complete && given.status >= 200 && given.status < 300,
          refused: given.complete && [401, 403].includes(given.status),
        };
        expect(kind === 'granted' || kind === 'refused' ? isRight[kind] : true).toBe(true);
      }),
    );
  });

  it('nothing of what the server said is repeated, but for an id', () => {
    const secret = 'The-Secret-0123';
    const echo = { token: 7, error: { id: secret, details: { [secret]: secret }, description: secret } };
    fc.assert(
      fc.property(statuses, (status) => {
        const headers = { location: `/${secret}`, 'content-type': secret, 'retry-after': secret };
        expect(JSON.stringify(interpret(http(status, echo, headers)))).not.toContain(secret);
      }),
    );
  });
});
