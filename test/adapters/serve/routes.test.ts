import { describe, expect, it } from 'vitest';
import { TokenwardError, type ErrorCode } from '../../../src/domain/errors.ts';
import type { AgentStatus } from '../../../src/domain/status.ts';
import { eventually } from '../../support/eventually.ts';
import { Serving } from './serving.ts';

describe('status', () => {
  it('of one agent', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    expect(await serving.ask('/v1/agents/web-01')).toMatchObject({ status: 200, json: agent.status() });
  });

  it('of all, in the order of the configuration', async () => {
    await using serving = new Serving();
    serving.agent('web-02');
    serving.agent('web-01');
    await serving.listen();
    const { json } = await serving.ask('/v1/agents');
    expect(json).toMatchObject({ agents: [{ agent: 'web-02' }, { agent: 'web-01' }] });
  });

  it('of an unknown agent', async () => {
    await using serving = new Serving();
    await serving.listen();
    const answer = await serving.ask('/v1/agents/web-09');
    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject({ code: 'AGENT_UNKNOWN', agent: 'web-09' });
  });
});

describe('POST /v1/agents/{agent}/refresh', () => {
  const refresh = '/v1/agents/web-01/refresh';

  it('answers with the status once the server has granted', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = serving.ask(refresh, { method: 'POST' });
    const [running] = await eventually(() => {
      expect(agent.refreshes).toHaveLength(1);
      return agent.refreshes;
    });
    agent.publish('abc');
    running?.answer.resolve();
    expect(await answer).toMatchObject({ status: 200, json: { state: 'active', token: { sequence: 1 } } });
    expect(serving.log.lines).toContainEqual({
      level: 'info',
      event: 'refresh-requested',
      fields: { agent: 'web-01', uid: process.geteuid?.(), pid: process.pid, executable: process.execPath },
    });
  });

  it.each<[ErrorCode, number | null, number]>([
    ['RATE_LIMITED', 9500, 429],
    ['IN_DOUBT', 3000, 503],
    ['SECRET_REVOKED', null, 409],
    ['SERVER_UNREACHABLE', null, 502],
    ['STORE_LOCKED', null, 503],
    ['STATE_CLONED', null, 409],
  ])('answers %s with when to come back', async (code, retryAfterMs, status) => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = serving.ask(refresh, { method: 'POST' });
    await eventually(() => expect(agent.refreshes).toHaveLength(1));
    const error = new TokenwardError(code, 'no', retryAfterMs === null ? {} : { retryAfterMs });
    agent.refreshes[0]?.answer.reject(error);
    const { headers, ...rest } = await answer;
    expect(rest).toMatchObject({ status, json: { code, agent: 'web-01' } });
    expect(headers['retry-after']).toBe(
      retryAfterMs === null ? undefined : String(Math.ceil(retryAfterMs / 1000)),
    );
  });

  it('tells a bug as a bug, without its text, and logs it', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = serving.ask(refresh, { method: 'POST' });
    await eventually(() => expect(agent.refreshes).toHaveLength(1));
    agent.refreshes[0]?.answer.reject(new TypeError('x is undefined'));
    const { status, text } = await answer;
    expect(status).toBe(500);
    expect(text).not.toContain('undefined');
    expect(serving.log.events()).toContain('request-failed');
  });

  it('stops waiting for a client that has gone', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const client = new AbortController();
    const answer = serving.ask(refresh, { method: 'POST', signal: client.signal });
    await eventually(() => expect(agent.refreshes).toHaveLength(1));
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await eventually(() => expect(agent.refreshes[0]?.signal.aborted).toBe(true));
    agent.refreshes[0]?.answer.resolve();
  });
});

describe('supervision', () => {
  it('is alive', async () => {
    await using serving = new Serving();
    await serving.listen();
    expect(await serving.ask('/healthz?verbose')).toMatchObject({ status: 200, text: 'ok' });
  });

  const held: AgentStatus['secret'] = { status: 'held', generation: 1, store: 'file', persisted: true };

  it.each<[string, boolean, Partial<AgentStatus>, number]>([
    ['a valid token', true, {}, 200],
    ['a valid token, degraded', true, { state: 'degraded' }, 200],
    ['no token', false, {}, 503],
    ['a token whose secret is not saved', true, { secret: { ...held, persisted: false } }, 503],
    ['a revoked secret', true, { state: 'revoked' }, 503],
  ])('readiness with %s', async (_case, hasToken, overrides, status) => {
    await using serving = new Serving();
    serving.agent('web-01').publish('abc');
    const agent = serving.agent('web-02');
    if (hasToken) agent.publish('def');
    agent.overrides = overrides;
    await serving.listen();
    const answer = await serving.ask('/readyz');
    expect(answer.status).toBe(status);
    const ready = status === 200;
    expect(answer.json).toEqual({
      ready,
      agents: [
        { agent: 'web-01', state: 'active', ready: true },
        { agent: 'web-02', state: agent.status().state, ready },
      ],
    });
  });

  it('shows metrics as Prometheus text', async () => {
    await using serving = new Serving();
    await serving.listen();
    const { status, headers, text } = await serving.ask('/metrics');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain('tokenward_build_info');
  });
});

describe('paths and methods', () => {
  it.each([
    ['GET', '/', 404],
    ['GET', '/v1/agents/', 404],
    ['GET', '/v1/agents/web-01/', 404],
    ['GET', '/v1/agents/web-01/nothing', 404],
    ['GET', '/__proto__', 404],
    ['GET', '/v1/agents/__proto__', 404],
    ['GET', '/v1/agents?all=1', 400],
    ['DELETE', '/v1/agents/web-01/token', 405],
    ['GET', '/v1/agents/web-01/refresh', 405],
    ['OPTIONS', '/healthz', 405],
    ['GET', 'http://localhost/healthz', 200],
  ])('%s %s: %i', async (method, path, status) => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await serving.listen();
    const answer = await serving.ask(path, { method });
    expect(answer.status).toBe(status);
    if (status >= 400) expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it.each([
    ['/v1/agents/web-01/token', 'GET, HEAD'],
    ['/v1/agents/web-01/events', 'GET, HEAD'],
    ['/v1/agents/web-01/refresh', 'POST'],
    ['/v1/agents/web-01/secret', 'PUT'],
  ])('tells what %s takes', async (path, allow) => {
    await using serving = new Serving();
    await serving.listen();
    const answer = await serving.ask(path, { method: 'PATCH' });
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
  });

  it.each(['/v1/agents/web-01/token', '/v1/agents', '/healthz', '/metrics', '/nothing'])(
    'HEAD %s is GET without the body',
    async (path) => {
      await using serving = new Serving();
      serving.agent().publish('abc');
      await serving.listen();
      const head = await serving.ask(path, { method: 'HEAD' });
      const get = await serving.ask(path);
      expect([head.status, head.text]).toEqual([get.status, '']);
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
    },
  );
});
