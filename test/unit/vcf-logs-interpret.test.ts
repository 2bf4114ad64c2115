import { describe, expect, it } from 'vitest';
import type { Answer, Outcome } from '../../src/domain/outcome.ts';
import { interpret } from '../../src/providers/vcf-logs/interpret.ts';
import { http } from '../support/answers.ts';

const grant = { access_token: 'the-token', name: 'web-01', new_secret: 'the-secret', ttl: 60_000 };
const html = '<html><body>Access denied</body></html>';
const apiError = { errorCode: 'API_ERROR', errorMessage: 'something' };

/** An outcome with its credentials opened, for comparing. */
function opened(outcome: Outcome): unknown {
  if (outcome.kind !== 'granted') return outcome;
  return { ...outcome, token: outcome.token?.text.reveal(), newSecret: outcome.newSecret?.text.reveal() };
}

describe('granted', () => {
  const granted = { kind: 'granted', token: 'the-token', newSecret: 'the-secret', ttlMs: 60_000 };
  it.each<[string, Answer, object]>([
    ['as the API page has it', http(200, grant), granted],
    ['with another 2xx', http(201, grant), granted],
    ['without a name', http(200, { ...grant, name: undefined }), granted],
    ['with fields that we do not know', http(200, { ...grant, scopes: [1] }), granted],
    ['with a wrong content-type', http(200, grant, { 'content-type': 'text/html' }), granted],
    ['with a byte order mark', http(200, `\uFEFF${JSON.stringify(grant)}`), granted],
    ['with a fraction in the ttl', http(200, { ...grant, ttl: 60_000.9 }), granted],
    ['without a ttl', http(200, { ...grant, ttl: undefined }), { ...granted, ttlMs: 1_800_000 }],
    ['with a ttl of 0', http(200, { ...grant, ttl: 0 }), { ...granted, ttlMs: 1_800_000 }],
    ['with a ttl below 0', http(200, { ...grant, ttl: -1 }), { ...granted, ttlMs: 1_800_000 }],
    ['with a ttl that is no number', http(200, { ...grant, ttl: '60000' }), { ...granted, ttlMs: 1_800_000 }],
    [
      'with a ttl beyond the longest',
      http(200, JSON.stringify(grant).replace('60000', '1e300')),
      { ...granted, ttlMs: 15_552_000_000 },
    ],
  ])('%s', (_case, answer, expected) => {
    expect(opened(interpret(answer))).toEqual(expected);
  });

  it('has the fingerprints of both credentials', () => {
    expect(interpret(http(200, { ...grant, access_token: 'abc' }))).toMatchObject({
      token: { fingerprint: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
      newSecret: { fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string },
    });
  });
});

describe('in doubt', () => {
  it.each<[string, Answer]>([
    ['no answer: reset', { kind: 'unanswered', reason: 'reset' }],
    ['no answer: timeout', { kind: 'unanswered', reason: 'timeout' }],
    ['no answer: aborted', { kind: 'unanswered', reason: 'aborted' }],
    ['no answer: not HTTP', { kind: 'unanswered', reason: 'protocol' }],
    ['a grant that is incomplete', { ...http(200, grant), complete: false }],
    ['a refusal that is incomplete', { ...http(400, apiError), complete: false }],
    ['a 404 that is incomplete', { ...http(404, ''), complete: false }],
    ['a grant without token', http(200, { ...grant, access_token: undefined })],
    ['a grant with an empty token', http(200, { ...grant, access_token: '' })],
    ['a grant without secret', http(200, { ...grant, new_secret: undefined })],
    ['a grant with a secret that is no text', http(200, { ...grant, new_secret: 7 })],
    ['a grant in a list', http(200, [grant])],
    [
      'a grant with a broken character',
      { ...http(200, ''), body: Buffer.concat([Buffer.from(JSON.stringify(grant)), Buffer.from([0xff])]) },
    ],
    ['200 with HTML', http(200, html)],
    ['200 with nothing', http(200, '')],
    ['204', http(204, '')],
    ['200 with an error', http(200, apiError)],
    ['a redirect with HTML', http(302, html, { location: 'https://sso.example.com/' })],
    ['400 with HTML', http(400, html)],
    ['400 with nothing', http(400, '')],
    ['400 with JSON of another form', http(400, { error: 'invalid' })],
    ['400 with a list', http(400, [apiError])],
    ['400 with an error code that is no text', http(400, { errorCode: 400 })],
    ['401 with nothing', http(401, '')],
    ['403 of a firewall', http(403, html)],
    ['403 with JSON of another form', http(403, { message: 'blocked' })],
    ['404 with HTML', http(404, html)],
    ['429 with HTML', http(429, html)],
    ['500 with an error', http(500, apiError)],
    ['500 that says AGENT_ERROR', http(500, { errorCode: 'AGENT_ERROR' })],
    ['502 with HTML', http(502, html)],
    ['503 with nothing', http(503, '')],
    ['an informational status', http(199, grant)],
    ['a status that does not exist', http(777, apiError)],
  ])('%s', (_case, answer) => {
    expect(interpret(answer)).toMatchObject({
      kind: 'in-doubt',
      detail: expect.stringMatching(/^[a-z].*[^.]$/) as string,
    });
  });

  it('says when to come back, where the server does', () => {
    expect(interpret(http(503, '', { 'retry-after': '30' }))).toMatchObject({
      kind: 'in-doubt',
      retryAfterMs: 30_000,
    });
  });
});

describe('understood', () => {
  it.each<[string, Answer, object]>([
    ['400 with only a message', http(400, { errorMessage: 'invalid secret' }), { kind: 'refused' }],
    ['400 with only a code', http(400, { errorCode: 'AGENT_ERROR' }), { kind: 'refused' }],
    ['403 with only a message', http(403, { errorMessage: 'no' }), { kind: 'server-trouble' }],
    [
      'a redirect with nothing',
      http(302, '', { location: 'https://new.example.com:8443/a?b' }),
      {
        kind: 'misconfigured',
        detail: expect.stringContaining(
          'redirect (302) to https://new.example.com:8443; set url to the final address',
        ) as string,
      },
    ],
    [
      'a redirect within the server',
      http(308, '', { location: '/elsewhere' }),
      { kind: 'misconfigured', detail: expect.stringContaining('to another path') as string },
    ],
    ['a redirect to nowhere', http(304, ''), { kind: 'misconfigured' }],
    ['a redirect with an error', http(301, apiError), { kind: 'misconfigured' }],
    [
      '404 with nothing',
      http(404, ''),
      { kind: 'misconfigured', detail: expect.stringContaining('check url') as string },
    ],
    ['404 with an error', http(404, apiError), { kind: 'misconfigured' }],
    ['405 with an error', http(405, apiError), { kind: 'misconfigured' }],
    ['406 with an error', http(406, apiError), { kind: 'misconfigured' }],
    ['415 with an error', http(415, apiError), { kind: 'misconfigured' }],
    ['422 with an error', http(422, { errorCode: 'UNPROCESSABLE_ENTITY' }), { kind: 'misconfigured' }],
    ['409 with an error', http(409, apiError), { kind: 'server-trouble' }],
    ['409 that finds fault with a field', http(409, { errorCode: 'FIELD_ERROR' }), { kind: 'misconfigured' }],
    ['440 with an error', http(440, apiError), { kind: 'server-trouble' }],
    ['429 with nothing', http(429, ''), { kind: 'rate-limited', retryAfterMs: null }],
    [
      '429 with an error',
      http(429, apiError, { 'retry-after': '5' }),
      { kind: 'rate-limited', retryAfterMs: 5_000 },
    ],
    ['409 with a limit', http(409, { errorCode: 'RESOURCE_EXHAUSTED' }), { kind: 'rate-limited' }],
    [
      'a request that was not sent',
      { kind: 'not-sent', code: 'SERVER_TLS_FAILED', reason: 'why' },
      { kind: 'not-sent', code: 'SERVER_TLS_FAILED', detail: 'why' },
    ],
  ])('%s', (_case, answer, expected) => {
    expect(interpret(answer)).toMatchObject(expected);
  });

  it('never repeats what the server said, which may hold the secret', () => {
    const secret = 'THE_SECRET';
    const echo = { errorCode: secret, errorMessage: `${secret} is spent`, errorDetails: { secret } };
    for (const status of [200, 301, 400, 401, 403, 404, 409, 429, 500]) {
      const answer = http(status, echo, {
        location: `/${secret}`,
        'content-type': secret,
        'retry-after': secret,
      });
      expect(JSON.stringify(interpret(answer))).not.toContain(secret);
    }
  });
});

describe('Retry-After', () => {
  const date = 'Tue, 03 Feb 2026 10:00:00 GMT';
  it.each<[string, string | undefined, number | null]>([
    ['0', undefined, 0],
    ['120', undefined, 120_000],
    ['Tue, 03 Feb 2026 10:02:00 GMT', date, 120_000],
    ['Tue, 03 Feb 2026 09:00:00 GMT', date, 0],
    ['Tue, 03 Feb 2026 10:02:00 GMT', undefined, null],
    ['Tue, 03 Feb 2026 10:02:00 GMT', 'yesterday', null],
    ['Tue, 03 Feb 2026 10:02:00', date, null],
    ['-1', undefined, null],
    ['1.5', undefined, null],
    ['soon', date, null],
    ['99999999999999999999', undefined, null],
    ['', date, null],
  ])('%s, with a Date of %s, is %s ms', (retryAfter, now, expected) => {
    const headers = { 'retry-after': retryAfter, ...(now === undefined ? {} : { date: now }) };
    expect(interpret(http(429, '', headers))).toMatchObject({ kind: 'rate-limited', retryAfterMs: expected });
  });
});
