import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseAgent } from '../../src/serve/oauth/choose-agent.ts';
import { basicCredentials, formDecoded, readTokenRequest } from '../../src/serve/oauth/token-request.ts';

const form = 'application/x-www-form-urlencoded';
const grant = 'grant_type=client_credentials';
const read = (body: string, authorization?: string, contentType: string | undefined = form) =>
  readTokenRequest({ contentType, authorization, body: Buffer.from(body) });
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

const encoded = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);

describe('a request for a token', () => {
  it.each([
    [grant, undefined, { client: null, scope: [] }],
    [`${grant}&scope=`, undefined, { client: null, scope: [] }],
    [`${grant}&scope=web-01`, undefined, { client: null, scope: ['web-01'] }],
    [`${grant}&scope=a+b%20c`, undefined, { client: null, scope: ['a', 'b', 'c'] }],
    [`${grant}&audience=x&audience=y`, undefined, { client: null, scope: [] }],
    [
      `${grant}&client_id=a&client_secret=b%2Bc`,
      undefined,
      { client: { id: 'a', secret: 'b+c' }, scope: [] },
    ],
    [`${grant}&client_id=a`, undefined, { client: { id: 'a', secret: null }, scope: [] }],
    [grant, basic('a:b:c'), { client: { id: 'a', secret: 'b:c' }, scope: [] }],
    [`${grant}&client_id=a`, basic('a:b'), { client: { id: 'a', secret: 'b' }, scope: [] }],
    [
      grant,
      `basic   ${Buffer.from('a:').toString('base64')}`,
      { client: { id: 'a', secret: '' }, scope: [] },
    ],
  ])('is read: %s %s', (body, authorization, request) => {
    expect(read(body, authorization)).toEqual(request);
  });

  it.each([
    ['', 'invalid_request', 'the parameter grant_type is missing; it is client_credentials'],
    ['grant_type=', 'invalid_request', 'the parameter grant_type is missing; it is client_credentials'],
    ['grant_type=password', 'unsupported_grant_type', 'the only grant_type here is client_credentials'],
    [`${grant}&${grant}`, 'invalid_request', 'the parameter grant_type is given twice'],
    [`${grant}&scope=a&scope=b`, 'invalid_request', 'the parameter scope is given twice'],
  ])('is wrong: %s', (body, error, description) => {
    expect(read(body)).toEqual({ error, description });
  });

  it('is wrong where the client shows itself in two ways', () => {
    const both = {
      error: 'invalid_request',
      description: 'the client shows its credentials both in the header and in the body',
    };
    expect(read(`${grant}&client_id=a&client_secret=b`, basic('a:b'))).toEqual(both);
    expect(read(`${grant}&client_id=other`, basic('a:b'))).toEqual(both);
    expect(read(grant, 'Bearer abc')).toMatchObject({ error: 'invalid_client' });
  });

  it('is a form', () => {
    expect(read(grant, undefined, 'application/json')).toMatchObject({ error: 'invalid_request' });
    expect(
      readTokenRequest({ contentType: undefined, authorization: undefined, body: Buffer.from(grant) }),
    ).toMatchObject({
      error: 'invalid_request',
    });
    expect(read(grant, undefined, 'Application/X-WWW-Form-Urlencoded; charset=UTF-8')).toMatchObject({
      scope: [],
    });
    expect(readTokenRequest({ contentType: form, authorization: undefined, body: null })).toMatchObject({
      error: 'invalid_request',
      description: 'the body is too large',
    });
  });
});

describe('Basic credentials', () => {
  it('come out as a client of the standard put them in, and as curl did', () => {
    const word = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(word, word, (id, secret) => {
        const standard = basicCredentials(basic(`${encoded(id)}:${encoded(secret)}`));
        expect(standard?.id).toBe(id.toWellFormed());
        expect(formDecoded(standard?.secret ?? '')).toBe(secret.toWellFormed());
        const plain = basicCredentials(basic(`curl:${secret}`));
        expect(plain?.secret).toBe(secret.toWellFormed());
      }),
    );
  });

  it.each(['', 'Basic', 'Basic !', `Basic ${Buffer.from('no-colon').toString('base64')}`, 'Digest x'])(
    'are not: %s',
    (text) => {
      expect(basicCredentials(text)).toBeNull();
    },
  );
});

const chosen = (request: { id?: string; scope?: string[] }, readable: readonly string[]) =>
  chooseAgent(
    {
      client: request.id === undefined ? null : { id: request.id, secret: null },
      scope: request.scope ?? [],
    },
    { all: ['web-01', 'web-02', 'db-01'], may: (agent) => readable.includes(agent) },
  );

describe('the agent that a client on a socket means', () => {
  it.each([
    [{}, ['web-01'], { kind: 'agent', name: 'web-01' }],
    [{ id: 'fluent-bit' }, ['web-01'], { kind: 'agent', name: 'web-01' }],
    [{ id: 'web-02' }, ['web-01', 'web-02'], { kind: 'agent', name: 'web-02' }],
    [{ id: 'web-02', scope: ['web-01'] }, ['web-01', 'web-02'], { kind: 'agent', name: 'web-01' }],
    [{ id: 'x' }, ['web-01', 'web-02'], { kind: 'ambiguous', readable: ['web-01', 'web-02'] }],
    [{ scope: ['db-01'] }, ['web-01'], { kind: 'unknown-scope' }],
    [{ scope: ['absent'] }, ['web-01'], { kind: 'unknown-scope' }],
    [{ scope: ['web-01', 'web-02'] }, ['web-01', 'web-02'], { kind: 'unknown-scope' }],
    [{}, [], { kind: 'denied' }],
  ])('%o of %j', (request, readable, choice) => {
    expect(chosen(request, readable)).toEqual(choice);
  });
});
