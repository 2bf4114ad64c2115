import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { productNames, products } from '../../src/config/products.ts';
import { createHttpClient } from '../../src/platform/http/client.ts';
import { createProvider, providerNames } from '../../src/providers/registry.ts';
import { problemsIn, withAgent } from './config-problems.ts';

const timeouts = { connectMs: 1, headersMs: 1, bodyMs: 1 };
const http = createHttpClient({ url: 'https://logs.example.com', tls: {}, env: {}, timeouts });
const probe = '{ path: /api/web/namespaces }';
const f5 = { provider: 'f5-xc', expires_at: '2027-01-31T00:00:00Z', probe };

function agentOf(keys: Record<string, string | null>) {
  expect(problemsIn(withAgent(keys))).toEqual([]);
  return parseConfig(withAgent(keys), '/c.yaml', {}).agents[0]!;
}

describe('a product, as the configuration knows it', () => {
  it('is one of those that there is a provider for', () => {
    expect(productNames).toEqual(providerNames);
  });

  it.each(productNames)('%s can do what its provider says', (name) => {
    const { exchange, rotates, create, list, tokenHeader } = products[name];
    const provider = createProvider(name, { http, wallMs: Date.now, probe: { path: '/' }, tokenHeader });
    expect(provider.name).toBe(name);
    expect(provider.capabilities).toMatchObject({ exchange, rotates, create, list });
  });
});

describe('an agent', () => {
  it('of onezone has the keys of one of vcf-logs', () => {
    expect(agentOf({ provider: 'onezone', ttl: '2h', refresh: '{ at: 0.5 }' })).toMatchObject({
      provider: 'onezone',
      ttlMs: 7_200_000,
      refresh: { at: 0.5, jitter: 0.1 },
      expiresAtMs: null,
      tokenHeader: { name: 'X-Auth-Token', scheme: null },
      probe: null,
    });
  });

  it('of f5-xc says when its credential ends, and how it is proved', () => {
    expect(agentOf(f5)).toMatchObject({
      provider: 'f5-xc',
      expiresAtMs: Date.parse('2027-01-31T00:00:00Z'),
      tokenHeader: { name: 'Authorization', scheme: 'APIToken' },
      probe: { path: '/api/web/namespaces', everyMs: 300_000 },
    });
  });

  it.each([
    ['2027-01-31T00:00:00Z', '2027-01-31T00:00:00Z'],
    ['"2027-01-31T02:30:00+02:30"', '2027-01-31T00:00:00Z'],
    ['2027-01-31 00:00:00.250z', '2027-01-31T00:00:00.250Z'],
    ['2028-02-29t23:59:59-01:00', '2028-03-01T00:59:59Z'],
    ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
  ])('may have the end %s', (expires_at, expected) => {
    expect(agentOf({ ...f5, expires_at }).expiresAtMs).toBe(Date.parse(expected));
  });

  it.each([
    ['vcf-logs', '{ name: X-JWT-Token }', { name: 'X-JWT-Token', scheme: null }],
    ['vcf-logs', '{ scheme: Token }', { name: 'Authorization', scheme: 'Token' }],
    ['vcf-logs', '{ name: authorization }', { name: 'authorization', scheme: 'Bearer' }],
    ['vcf-logs', '{ scheme: "" }', { name: 'Authorization', scheme: null }],
    ['vcf-logs', '{ scheme: null }', { name: 'Authorization', scheme: null }],
    ['onezone', '{ name: Authorization, scheme: Bearer }', { name: 'Authorization', scheme: 'Bearer' }],
    ['onezone', '{ name: X-Macaroon }', { name: 'X-Macaroon', scheme: null }],
  ])('of %s shows its token with %s', (provider, token_header, expected) => {
    expect(agentOf({ provider, token_header }).tokenHeader).toEqual(expected);
  });

  it.each([
    ['{ path: /, every: 10s }', { path: '/', everyMs: 10_000 }],
    ['{ path: "/a/b%20c?d=e&f[]=g", every: 24h }', { path: '/a/b%20c?d=e&f[]=g', everyMs: 86_400_000 }],
  ])('asks %s', (given, expected) => {
    expect(agentOf({ probe: given }).probe).toEqual(expected);
  });
});

const neverSent = (name: string) =>
  `has no effect with ${name}: a request without an answer spends no secret, and is simply repeated; remove it`;
const noExchange =
  'has no effect with f5-xc, which has no exchange: its credential is the token, and lives until expires_at; remove it';
const setTtl = (name: string) =>
  `has no effect with ${name}, whose exchange says how long a token lives; remove it, or set ttl`;
const ownMeaning =
  'this header has a meaning of its own in every request; name the one in which the server wants the token';
const header = 'expected the name of a header, such as Authorization or X-JWT-Token';
const path = 'expected a path of the server such as /api/v2/version';

describe('a mistake with the keys of a product', () => {
  it.each<[Record<string, string | null>, string]>([
    [
      { ...f5, expires_at: null },
      '2:3: agents.web-01.expires_at: is missing; f5-xc needs it, for example expires_at: 2027-01-31T00:00:00Z',
    ],
    [
      { ...f5, probe: null },
      '2:3: agents.web-01.probe: is missing; f5-xc needs it, for example probe: { path: /api/web/namespaces }',
    ],
    [{ ...f5, ttl: '30m' }, `8:5: agents.web-01.ttl: ${noExchange}`],
    [{ ...f5, ttl: '0' }, `8:5: agents.web-01.ttl: ${noExchange}`],
    [{ ...f5, refresh: '{}' }, `8:5: agents.web-01.refresh: ${noExchange}`],
    [{ ...f5, in_doubt: 'halt' }, `8:5: agents.web-01.in_doubt: ${neverSent('f5-xc')}`],
    [
      { provider: 'onezone', in_doubt: 'replay_once' },
      `6:5: agents.web-01.in_doubt: ${neverSent('onezone')}`,
    ],
    [
      { provider: 'onezone', expires_at: '2027-01-31T00:00:00Z' },
      `6:5: agents.web-01.expires_at: ${setTtl('onezone')}`,
    ],
    [{ expires_at: '2027-01-31T00:00:00Z' }, `6:5: agents.web-01.expires_at: ${setTtl('vcf-logs')}`],
    [
      { ...f5, expires_at: '2027-01-31T00:00:00' },
      '6:17: agents.web-01.expires_at: expected a time with its zone, such as 2027-01-31T00:00:00Z; this one names no zone: add Z for UTC, or an offset such as +02:00',
    ],
    [
      { ...f5, expires_at: '2027-01-31' },
      '6:17: agents.web-01.expires_at: expected a time with its zone, such as 2027-01-31T00:00:00Z',
    ],
    [
      { ...f5, expires_at: '2027-13-01T00:00:00Z' },
      '6:17: agents.web-01.expires_at: expected a time with its zone, such as 2027-01-31T00:00:00Z',
    ],
    [
      { ...f5, expires_at: '2027-02-29T00:00:00Z' },
      '6:17: agents.web-01.expires_at: the calendar has no such day',
    ],
    [
      { ...f5, expires_at: '1801353600' },
      '6:17: agents.web-01.expires_at: expected a time with its zone, such as 2027-01-31T00:00:00Z, got a number',
    ],
    [{ token_header: '{ name: "X JWT" }' }, `6:27: agents.web-01.token_header.name: ${header}`],
    [{ token_header: '{ name: "" }' }, `6:27: agents.web-01.token_header.name: ${header}`],
    [{ token_header: '{ name: "A:" }' }, `6:27: agents.web-01.token_header.name: ${header}`],
    [{ token_header: '{ name: Connection }' }, `6:27: agents.web-01.token_header.name: ${ownMeaning}`],
    [{ token_header: '{ name: HOST }' }, `6:27: agents.web-01.token_header.name: ${ownMeaning}`],
    [{ token_header: '{ name: content-length }' }, `6:27: agents.web-01.token_header.name: ${ownMeaning}`],
    [
      { token_header: '{ scheme: "Bearer abc" }' },
      '6:29: agents.web-01.token_header.scheme: expected the one word before the token, such as Bearer, or "" where there is none; secrets are never written in the configuration; hand the secret over with `tokenward import AGENT`',
    ],
    [
      { token_header: 'X-JWT-Token' },
      '6:19: agents.web-01.token_header: expected a mapping (key: value), got text',
    ],
    [
      { token_header: '{ header: A }' },
      '6:21: agents.web-01.token_header.header: unknown key; known here: name, scheme',
    ],
    [{ probe: '{}' }, '6:5: agents.web-01.probe.path: is missing; for example path: /api/v2/version'],
    [{ probe: '/api' }, '6:12: agents.web-01.probe: expected a mapping (key: value), got text'],
    [{ probe: '{ path: api }' }, `6:20: agents.web-01.probe.path: ${path}, which begins with a slash`],
    [{ probe: '{ path: "" }' }, `6:20: agents.web-01.probe.path: ${path}, which begins with a slash`],
    [
      { probe: '{ path: "https://logs.example.com/api" }' },
      `6:20: agents.web-01.probe.path: ${path} alone; scheme and host are those of url, and not repeated here`,
    ],
    [
      { probe: '{ path: //evil.example.com/ }' },
      `6:20: agents.web-01.probe.path: ${path} alone; scheme and host are those of url, and not repeated here`,
    ],
    [
      { probe: '{ path: "/a#b" }' },
      '6:20: agents.web-01.probe.path: must not carry a fragment (#...), which no server sees',
    ],
    ...['/a b', '/ä', '/a%2', '/a\\\\b', '/a\\r\\nX: y'].map((given): [Record<string, string>, string] => [
      { probe: `{ path: "${given}" }` },
      `6:20: agents.web-01.probe.path: ${path}, with blanks and special characters encoded, such as %20`,
    ]),
    [{ probe: '{ path: /a, every: 9s }' }, '6:31: agents.web-01.probe.every: must be 10s to 24h'],
    [{ probe: '{ path: /a, every: 25h }' }, '6:31: agents.web-01.probe.every: must be 10s to 24h'],
    [
      { probe: '{ path: /a, every: 0 }' },
      '6:31: agents.web-01.probe.every: expected a duration with its unit, such as 500ms, 30s or 1h30m, got a number',
    ],
  ])('%j', (keys, problem) => {
    expect(problemsIn(withAgent(keys))).toEqual([problem]);
  });

  it('is told once where a required key is misspelt, and beside other mistakes', () => {
    const { expires_at: time, ...others } = f5;
    expect(problemsIn(withAgent({ ...others, expire_at: time, ttl: '30m', url: 'ftp://a' }))).toEqual([
      expect.stringContaining('agents.web-01.url:') as string,
      '7:5: agents.web-01.expire_at: unknown key; did you mean "expires_at"?',
      `8:5: agents.web-01.ttl: ${noExchange}`,
    ]);
  });
});
