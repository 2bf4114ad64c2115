import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/domain/outcome.ts';
import { interpret } from '../../src/providers/f5-xc/interpret.ts';
import { answers, http, statuses } from '../support/answers.ts';

const html = '<!DOCTYPE html><html><body>Sign in</body></html>';
const text = (part: string) => expect.stringContaining(part) as string;

describe('what an answer says of a credential', () => {
  it.each<[string, Answer, object]>([
    ['200', http(200, { items: [] }), { kind: 'granted', token: null, ttlMs: null, newSecret: null }],
    ['204', http(204, ''), { kind: 'granted' }],
    ['200, cut off', { ...http(200, '{"items":['), complete: false }, { kind: 'granted' }],
    [
      '200 with a login page',
      http(200, html),
      { kind: 'misconfigured', detail: text('with a page in HTML: url and probe.path must lead to the API') },
    ],
    [
      '200 with a page that says so in its header',
      http(200, 'Sign in', { 'content-type': 'text/html; charset=utf-8' }),
      { kind: 'misconfigured' },
    ],
    ['401', http(401, '"not authorized"'), { kind: 'refused', detail: 'the server answered 401' }],
    ['401 with nothing', http(401, ''), { kind: 'refused' }],
    ['401 of a proxy', http(401, html), { kind: 'in-doubt', detail: text('a firewall, a proxy') }],
    [
      '403',
      http(403, '"no permission"'),
      { kind: 'misconfigured', detail: text('may not read this; give it a role that may') },
    ],
    ['403 of a firewall', http(403, html), { kind: 'in-doubt', detail: text('a firewall, a proxy') }],
    ['404', http(404, '"not found"'), { kind: 'misconfigured', detail: text('check url and probe.path') }],
    ['404 in HTML', http(404, html), { kind: 'misconfigured', detail: text('check url and probe.path') }],
    ['400', http(400, '"bad"'), { kind: 'misconfigured' }],
    ['405', http(405, ''), { kind: 'misconfigured' }],
    ['409', http(409, '"conflict"'), { kind: 'in-doubt' }],
    [
      'a redirect to a login',
      http(302, '', { location: 'https://login.example.com/sso' }),
      { kind: 'misconfigured', detail: text('to https://login.example.com; set url') },
    ],
    [
      '429',
      http(429, '"too frequently"', { 'retry-after': '9' }),
      { kind: 'rate-limited', retryAfterMs: 9_000 },
    ],
    [
      '503',
      http(503, '"unavailable"', { 'retry-after': '9' }),
      { kind: 'server-trouble', retryAfterMs: 9_000 },
    ],
    ['504 in HTML', http(504, html), { kind: 'server-trouble' }],
    ['no answer', { kind: 'unanswered', reason: 'timeout' }, { kind: 'in-doubt' }],
    [
      'not sent',
      { kind: 'not-sent', code: 'SERVER_UNREACHABLE', reason: 'why' },
      { kind: 'not-sent', code: 'SERVER_UNREACHABLE', detail: 'why' },
    ],
  ])('%s', (_case, answer, expected) => {
    expect(interpret(answer)).toMatchObject(expected);
  });
});

describe('for any answer', () => {
  it('there is one outcome; only 2xx grants, and only 401 refuses', () => {
    fc.assert(
      fc.property(answers(), (given) => {
        const { kind } = interpret(given);
        if (kind === 'granted') expect(Math.floor(given.status / 100)).toBe(2);
        if (kind === 'refused') expect(given.status).toBe(401);
        expect(JSON.stringify(interpret(given))).toBe(JSON.stringify(interpret(given)));
      }),
    );
  });

  it('nothing of what the server said is repeated', () => {
    const secret = 'TheSecret';
    fc.assert(
      fc.property(statuses, (status) => {
        const headers = { location: `/${secret}`, 'content-type': secret, 'retry-after': secret };
        expect(JSON.stringify(interpret(http(status, secret, headers)))).not.toContain(secret);
      }),
    );
  });
});
