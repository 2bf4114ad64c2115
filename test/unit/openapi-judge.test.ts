import { describe, expect, it } from 'vitest';
import type { Exchange } from '../support/api/exchange.ts';
import { judge } from '../support/api/judge.ts';

/** What holds the answers to openapi.json sees what is wrong with them. */

const head = { 'cache-control': 'no-store', 'content-type': 'application/json', etag: '"4"' };
const body = {
  access_token: 'abc',
  token_type: 'Bearer',
  expires_in: 9,
  expires_at: '2027-01-01T00:30:00Z',
  agent: 'web-01',
  sequence: 4,
};

function token(changes: Partial<Exchange> = {}, fields: object = {}): Exchange {
  return {
    method: 'GET',
    target: '/v1/agents/web-01/token?min_ttl=60s',
    status: 200,
    headers: head,
    body: JSON.stringify({ ...body, ...fields }),
    whole: true,
    ...changes,
  };
}

function problem(
  status: number,
  code: string,
  changes: Partial<Exchange> = {},
  fields: object = {},
): Exchange {
  const document = { type: `urn:tokenward:error:${code}`, title: 'x', status, detail: 'x', code, ...fields };
  const headers = { 'cache-control': 'no-store', 'content-type': 'application/problem+json' };
  return { ...token({ status, headers }), body: JSON.stringify(document), ...changes };
}

const events = (text: string) =>
  token({
    target: '/v1/agents/web-01/events',
    headers: {
      'cache-control': 'no-store',
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
    },
    body: text,
    whole: false,
  });
const event = (data: object) => `event: token\ndata: ${JSON.stringify(data)}\n\n`;
const { sequence, expires_at, expires_in, agent } = body;
const news = { agent, sequence, expires_at, expires_in, fingerprint: null };

describe('an answer as described', () => {
  it.each<[string, Exchange, string | null]>([
    ['a token', token(), 'GET /v1/agents/{agent}/token 200 application/json'],
    ['HEAD', token({ method: 'HEAD', body: '' }), 'GET /v1/agents/{agent}/token 200 application/json'],
    [
      'no newer token',
      token({ status: 304, headers: { 'cache-control': 'no-store', etag: '"4"' }, body: '' }),
      'GET /v1/agents/{agent}/token 304',
    ],
    ['a problem', problem(404, 'AGENT_UNKNOWN'), 'GET /v1/agents/{agent}/token 404 application/problem+json'],
    ['a path that nobody serves', problem(404, 'NOT_FOUND', { target: '/nothing' }), null],
    ['no request at all', problem(431, 'REQUEST_INVALID', { target: null }), null],
    [
      'another method',
      problem(405, 'REQUEST_INVALID', {
        method: 'PATCH',
        headers: { ...head, 'content-type': 'application/problem+json', allow: 'GET, HEAD' },
      }),
      null,
    ],
    [
      'events, the last of them half',
      events(`retry: 2000\n\nid: 4.0\n${event(news)}:\n\nevent: token\ndata: {`),
      'GET /v1/agents/{agent}/events 200 text/event-stream',
    ],
    [
      'half a body',
      token({ body: '{"acc', whole: false }),
      'GET /v1/agents/{agent}/token 200 application/json',
    ],
  ])('%s', (_what, exchange, met) => {
    if (exchange.headers['allow'] !== undefined) delete (exchange.headers as Record<string, string>)['etag'];
    expect(judge(exchange)).toEqual({ met, complaints: [] });
  });
});

describe('an answer otherwise than described', () => {
  it.each<[string, Exchange, RegExp]>([
    ['a status', token({ status: 201 }), /status 201 is not described/],
    ['a member too many', token({}, { extra: 1 }), /additional properties.*extra/],
    ['a member too few', token({}, { sequence: undefined }), /required property 'sequence'/],
    ['a form', token({}, { expires_at: 'soon' }), /\/expires_at must match format/],
    ['a fraction', token({}, { expires_in: 0.5 }), /\/expires_in must be integer/],
    ['no JSON', token({ body: '<html>' }), /must be object/],
    ['a header too few', token({ headers: { ...head, etag: undefined! } }), /header etag is missing/],
    ['a header too many', token({ headers: { ...head, 'x-more': '1' } }), /header x-more is not described/],
    ['a value of a header', token({ headers: { ...head, etag: '4' } }), /header etag: .*pattern/],
    [
      'what caches may do',
      token({ headers: { ...head, 'cache-control': 'public' } }),
      /header cache-control/,
    ],
    ['a type', token({ headers: { ...head, 'content-type': 'text/html' } }), /text\/html is not described/],
    ['a body with HEAD', token({ method: 'HEAD' }), /HEAD is answered with a body/],
    [
      'a body with 304',
      token({ status: 304, headers: { 'cache-control': 'no-store', etag: '"4"' } }),
      /Type/,
    ],
    ['a code of another status', problem(404, 'PEER_DENIED'), /PEER_DENIED is not described for 404/],
    ['a code that there is not', problem(404, 'GONE'), /\/code must be equal to one of/],
    ['a status within', problem(404, 'AGENT_UNKNOWN', {}, { status: 400 }), /the body says 400/],
    ['a type within', problem(404, 'AGENT_UNKNOWN', {}, { type: 'urn:tokenward:error:X' }), /type and code/],
    ['a wait within only', problem(404, 'AGENT_UNKNOWN', {}, { retry_after: 3 }), /retry_after differ/],
    ['no wait', problem(429, 'RATE_LIMITED'), /header retry-after is missing/],
    ['a path that nobody serves', token({ target: '/nothing' }), /status 200 is not described/],
    ['no request at all', problem(403, 'PEER_DENIED', { target: null }), /status 403 is not described/],
    ['an event', events('event: other\ndata: {}\n\n'), /the event other is not described/],
    ['data of an event', events(event({ ...news, access_token: 'abc' })), /event token: .*access_token/],
  ])('%s', (_what, exchange, complaint) => {
    const headers = Object.entries(exchange.headers).filter(([, value]) => value !== undefined);
    const { complaints, met } = judge({ ...exchange, headers: Object.fromEntries(headers) });
    expect(complaints.join('\n')).toMatch(complaint);
    expect(met).not.toBe('');
  });
});
