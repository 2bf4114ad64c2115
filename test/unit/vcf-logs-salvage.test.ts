import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../src/domain/outcome.ts';
import { credential } from '../../src/platform/fingerprint.ts';
import { looseTexts } from '../../src/providers/vcf-logs/loose-texts.ts';
import { salvage } from '../../src/providers/vcf-logs/salvage.ts';

/** The new secret in answers of another form than this version knows. */

const secret = 'N3w-s3cret_0123456789';
const token = 'eyJhbGciOi.token.0123456789';
const spent = 'sp3nt-s3cret_0123456789';

function answer(body: string, over: Partial<HttpAnswer> = {}): HttpAnswer {
  return { kind: 'http', status: 200, headers: {}, body: Buffer.from(body), complete: true, ...over };
}

function found(body: string, over: Partial<HttpAnswer> = {}): string | null {
  return salvage(answer(body, over), credential(spent).fingerprint)?.text.reveal() ?? null;
}

describe('the new secret is found', () => {
  it.each<[what: string, body: unknown]>([
    ['under another name', { access_token: token, newSecret: secret }],
    ['under a plain name', { token, secret }],
    ['in an object', { data: { agent: { access_token: token, new_secret: secret } } }],
    ['in a list', [{ access_token: token }, { new_secret: secret }]],
    ['as the value of a member', { secret: { id: '0123456789abcdef', value: secret, type: 'AGENT-SECRET' } }],
    ['in a list of one', { secrets: [secret] }],
    [
      'beside what is told of it',
      { secret, secret_id: '0123456789-abcdef', secretStatus: 'ACTIVE-AND-WELL' },
    ],
    ['beside the spent one', { secret: spent, newSecret: secret }],
    ['beside the spent one of the same name', { secrets: [spent, secret] }],
    ['twice', { secret, data: { secret } }],
    ['before another secret, which is not new', { new_secret: secret, client_secret: 'another-0123456789' }],
    ['as a credential', { nextCredential: secret, accessToken: token }],
    ['in a text that is JSON itself', { body: JSON.stringify({ new_secret: secret }) }],
    ['with a token that is none any more', { access_token: null, new_secret: secret }],
  ])('%s', (_what, body) => {
    expect(found(JSON.stringify(body))).toBe(secret);
  });

  it.each([
    ['cut off after it', `{"new_secret":"${secret}","access_to`],
    ['cut off in the next text', `{"new_secret":"${secret}","access_token":"eyJ`],
    ['behind something that guards JSON', `)]}',\n{"new_secret":"${secret}"}`],
    ['in a page', `<pre>{"new_secret": "${secret}"}</pre>`],
    ['after a broken byte', `{"name":"\uFFFD","new_secret":"${secret}"}`],
  ])('%s', (_what, body) => {
    expect(found(body, { complete: false })).toBe(secret);
  });
});

describe('nothing is found', () => {
  it.each([
    ['where it is cut off', `{"access_token":"${token}","new_secret":"${secret.slice(0, 15)}`],
    ['where there are two', `{"new_secret":"${secret}","next_secret":"${secret}-b"}`],
    ['where only the spent one is', `{"secret":"${spent}"}`],
    ['where only a token is', `{"access_token":"${token}"}`],
    ['where only things about it are', '{"secret_name":"web-01-of-the-north","secretId":"0123456789abcdef"}'],
    ['where it is no credential', '{"new_secret":"see the documentation of it","secret":"short"}'],
    ['in nothing', ''],
    ['in a page', '<html><body>secret: no</body></html>'],
  ])('%s', (_what, body) => {
    expect(found(body)).toBeNull();
  });

  it.each([302, 400, 403, 500, 502])('in an answer of status %i', (status) => {
    expect(found(JSON.stringify({ new_secret: secret }), { status })).toBeNull();
  });

  it('where no answer came', () => {
    expect(salvage({ kind: 'unanswered', reason: 'reset' }, credential(spent).fingerprint)).toBeNull();
  });
});

describe('loose texts', () => {
  it('have the names on the way to them', () => {
    expect(looseTexts('{"a":{"b":["x",{"c":"y"},"z"]},"d":"w"}')).toEqual([
      { path: ['a', 'b'], text: 'x' },
      { path: ['a', 'b', 'c'], text: 'y' },
      { path: ['a', 'b'], text: 'z' },
      { path: ['d'], text: 'w' },
    ]);
  });

  it('end with nesting that goes on for ever', () => {
    expect(looseTexts('['.repeat(100_000))).toEqual([]);
    const nested = [1, 2, 3, 4, 5].reduce((text) => JSON.stringify([text]), '"x"');
    expect(looseTexts(nested).length).toBeLessThan(6);
  });

  it('are read in one pass, whatever is not closed', () => {
    const began = performance.now();
    expect(looseTexts(`{"a":"b","c":"${'\\"'.repeat(30_000)}`)).toEqual([{ path: ['a'], text: 'b' }]);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('take escapes for what they mean', () => {
    expect(looseTexts(String.raw`["a\"b\u0041", "\q"]`)).toEqual([{ path: [], text: 'a"bA' }]);
  });
});
