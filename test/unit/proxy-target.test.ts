import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeTarget, type TargetRules } from '../../src/serve/proxy/target.ts';

const rules: TargetRules = {
  methods: ['POST'],
  paths: ['/api/v2/events', '/api/v2/events/ingest/*'],
  hosts: new Set(['logs.example.com']),
};
const judged = (target: string, host: string | undefined = 'localhost') =>
  judgeTarget({ method: 'POST', target, host }, rules);

describe('the target of a request to the proxy', () => {
  it.each([
    ['/api/v2/events', '/api/v2/events'],
    ['/api/v2/events?a=b/../c&d=%2F', '/api/v2/events?a=b/../c&d=%2F'],
    ['/api/v2/events/ingest/4C4C4544-0037', '/api/v2/events/ingest/4C4C4544-0037'],
    ['/api/v2/events/ingest/a%20b', '/api/v2/events/ingest/a%20b'],
    ['http://127.0.0.1:8472/api/v2/events?x', '/api/v2/events?x'],
  ])('may be %s', (target, pathAndQuery) => {
    expect(judged(target)).toEqual({ kind: 'allowed', pathAndQuery });
  });

  it.each([
    ['/api/v2/events/', 'wrong-path'],
    ['/api/v2/events/ingest/', 'wrong-path'],
    ['/api/v2/events/ingest/a/b', 'wrong-path'],
    ['/api/v2/eventsx', 'wrong-path'],
    ['/API/v2/events', 'wrong-path'],
    ['*', 'malformed'],
    ['', 'wrong-path'],
    ['/api/v2//events', 'malformed'],
    ['/api/v2/./events', 'malformed'],
    ['/api/v2/events/ingest/..', 'malformed'],
    ['/api/v2/events/ingest/%2e%2E', 'malformed'],
    ['/api/v2/events/ingest/a%2fb', 'malformed'],
    ['/api/v2/events/ingest/a%5Cb', 'malformed'],
    [String.raw`/api/v2/events/ingest/a\b`, 'malformed'],
    ['/api/v2/events/ingest/a%00', 'malformed'],
    ['/api/v2/events/ingest/%252e%252e', 'malformed'],
    ['/api/v2/events/ingest/%zz', 'malformed'],
    ['/api/v2/events#x', 'malformed'],
    ['/api/v2/events/ingest/\u{e9}', 'malformed'],
    ['https://logs.example.com/api/v2/events', 'malformed'],
    ['http://elsewhere.example/api/v2/events', 'wrong-host'],
    ['http://localhost@elsewhere.example/api/v2/events', 'wrong-host'],
    ['http:///api/v2/events', 'wrong-host'],
  ])('may not be %s', (target, kind) => {
    expect(judged(target)).toEqual({ kind });
  });

  it.each([
    ['localhost:8472', true],
    ['127.8.9.1', true],
    ['[::1]:8472', true],
    ['LOGS.example.com', true],
    ['127.0.0.1.rebound.example', false],
    ['rebound.example', false],
    ['10.0.0.1:8472', false],
    ['localhost:x', false],
    ['', false],
  ])('is for this proxy by its Host: %s %s', (host, isOurs) => {
    expect(judged('/api/v2/events', host).kind).toBe(isOurs ? 'allowed' : 'wrong-host');
  });

  it('needs no Host where clients of HTTP/1.0 send none, and may have any on a socket', () => {
    expect(judgeTarget({ method: 'POST', target: '/api/v2/events', host: undefined }, rules).kind).toBe(
      'allowed',
    );
    const onSocket = judgeTarget(
      { method: 'POST', target: '/api/v2/events', host: 'tokenward' },
      { ...rules, hosts: null },
    );
    expect(onSocket.kind).toBe('allowed');
  });

  it('never leaves the allowed paths, as another reader of URLs understands it', () => {
    const piece = fc.constantFrom(
      '/',
      '..',
      '.',
      '%2e',
      '%2f',
      '\\',
      'ingest',
      'a',
      '?',
      '#',
      '%',
      'api',
      'v2',
      'events',
      '//',
      ';',
      '\t',
    );
    const target = fc.array(piece, { maxLength: 8 }).map((pieces) => `/api/v2/events${pieces.join('')}`);
    fc.assert(
      fc.property(target, (text) => {
        const verdict = judged(text);
        if (verdict.kind !== 'allowed') return;
        const { pathname } = new URL(verdict.pathAndQuery, 'http://logs.example.com');
        expect(pathname).toMatch(/^\/api\/v2\/events(\/ingest\/[^/]+)?$/);
      }),
    );
  });
});
