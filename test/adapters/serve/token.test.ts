import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Serving } from './serving.ts';

const path = '/v1/agents/web-01/token';

// A header that only node:http reads: the same request is answered by both of the server's ways.
describe.each([
  ['on the express lane', {}],
  ['by node:http', { 'X-Any': '1' }],
])('GET /v1/agents/{agent}/token %s', (_way, headers) => {
  it('answers with the token and its life', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc.def', 600_000);
    await serving.listen();
    serving.clock.advance(100_500);
    const answer = await serving.ask(path, { headers });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      access_token: 'abc.def',
      token_type: 'Bearer',
      expires_in: 499,
      expires_at: '2026-01-01T00:10:00Z',
      agent: 'web-01',
      sequence: 1,
    });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      etag: '"1"',
    });
  });

  it('checks the expiry at every request', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc', 60_000);
    await serving.listen();
    const expiresIn = async () => (await serving.ask(path, { headers })).json?.['expires_in'];
    expect(await expiresIn()).toBe(60);
    serving.clock.advance(59_999);
    expect(await expiresIn()).toBe(0);
    serving.clock.advance(1);
    expect(await serving.ask(path, { headers })).toMatchObject({ status: 503 });
  });

  it('answers with the new token as soon as there is one', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    agent.publish('first');
    await serving.listen();
    await serving.ask(path, { headers });
    agent.publish('second');
    const answer = await serving.ask(path, { headers });
    expect(answer.json).toMatchObject({ access_token: 'second', sequence: 2 });
    expect(answer.headers.etag).toBe('"2"');
  });

  it('gives the bare token, without a newline, to who asks for text', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc.déf');
    await serving.listen();
    const answer = await serving.ask(path, { headers: { ...headers, Accept: 'text/plain' } });
    expect(answer.text).toBe('abc.déf');
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('answers 304 to who has this token already, but not when it has expired', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc', 60_000);
    await serving.listen();
    const known = { headers: { ...headers, 'If-None-Match': '"1"' } };
    expect(await serving.ask(path, known)).toMatchObject({ status: 304, text: '', headers: { etag: '"1"' } });
    serving.clock.advance(60_000);
    expect(await serving.ask(path, known)).toMatchObject({ status: 503 });
  });

  it('answers 503 and when to come back where there is no token', async () => {
    await using serving = new Serving();
    serving.agent().retryMs = 1500;
    await serving.listen();
    const answer = await serving.ask(path, { headers });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.json).toMatchObject({ code: 'TOKEN_UNAVAILABLE', agent: 'web-01', retry_after: 2 });
  });

  it.each(['revoked', 'lost', 'blocked'] as const)(
    'tells the reason where the agent is %s',
    async (state) => {
      await using serving = new Serving();
      const alert = {
        code: 'SECRET_REVOKED',
        severity: 'critical',
        since: '',
        summary: 'enrol again',
      } as const;
      serving.agent().overrides = { state, alerts: [alert] };
      await serving.listen();
      const answer = await serving.ask(path, { headers });
      expect(answer.status).toBe(503);
      expect(answer.json).toMatchObject({ code: 'SECRET_REVOKED', detail: 'enrol again' });
    },
  );

  it('knows only the agents of now', async () => {
    await using serving = new Serving();
    await serving.listen();
    expect(await serving.ask(path, { headers })).toMatchObject({
      status: 404,
      json: { code: 'AGENT_UNKNOWN', agent: 'web-01' },
    });
    serving.agent().publish('abc');
    expect(await serving.ask(path, { headers })).toMatchObject({ status: 200 });
    serving.agents.clear();
    expect(await serving.ask(path, { headers })).toMatchObject({ status: 404 });
  });

  it('is counted by route and status', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    await serving.ask(path, { headers });
    agent.publish('abc');
    await serving.ask(path, { headers });
    const { text } = await serving.ask('/metrics');
    expect(text).toContain('tokenward_http_requests_total{route="/v1/agents/{agent}/token",status="200"} 1');
    expect(text).toContain('tokenward_http_requests_total{route="/v1/agents/{agent}/token",status="503"} 1');
    expect(text).not.toContain('web-01');
  });
});

describe('?min_ttl', () => {
  it('answers at once where the token lives long enough', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    agent.publish('abc', 60_000);
    agent.planRefresh(1000);
    await serving.listen();
    expect(await serving.ask(`${path}?min_ttl=60s`)).toMatchObject({ json: { sequence: 1 } });
  });

  it('waits for a refresh that is near', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    agent.publish('abc', 60_000);
    agent.planRefresh(10_000);
    await serving.listen();
    const answer = serving.ask(`${path}?min_ttl=61s`);
    await eventually(() => expect(agent.listeners).toBe(1));
    agent.publish('def', 600_000);
    expect(await answer).toMatchObject({ json: { access_token: 'def', expires_in: 600 } });
  });

  it('answers with what there is where no refresh is near, and forces none', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    agent.publish('abc', 60_000);
    agent.planRefresh(45_000);
    await serving.listen();
    expect(await serving.ask(`${path}?min_ttl=61s`)).toMatchObject({ status: 200, json: { sequence: 1 } });
    expect(agent.refreshes).toEqual([]);
  });

  it('stops waiting for a client that has gone', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    agent.publish('abc', 60_000);
    agent.planRefresh(10_000);
    await serving.listen();
    const client = new AbortController();
    const answer = serving.ask(`${path}?min_ttl=61s`, { signal: client.signal });
    await eventually(() => expect(agent.listeners).toBe(1));
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await eventually(() => expect(agent.listeners).toBe(0));
  });

  it.each(['min_ttl=soon', 'min_ttl=', 'min_ttl=1s&min_ttl=2s', 'newer=7'])('refuses ?%s', async (query) => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await serving.listen();
    expect(await serving.ask(`${path}?${query}`)).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID' },
    });
  });
});

describe('GET /v1/token', () => {
  it('is the only agent that the caller may read', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await serving.listen();
    expect(await serving.ask('/v1/token')).toMatchObject({ status: 200, json: { agent: 'web-01' } });
  });

  it('names the agents where there are several', async () => {
    await using serving = new Serving();
    serving.agent('web-01');
    serving.agent('web-02');
    await serving.listen();
    const answer = await serving.ask('/v1/token');
    expect(answer.status).toBe(409);
    expect(answer.json?.['detail']).toContain('web-01, web-02');
  });

  it('finds nothing where there is no agent', async () => {
    await using serving = new Serving();
    await serving.listen();
    expect(await serving.ask('/v1/token')).toMatchObject({ status: 404, json: { code: 'AGENT_UNKNOWN' } });
  });
});
