import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';
import { tokenPath, Watching } from './watching.ts';

describe('?sequence without wait', () => {
  it.each([
    ['an older one', 'sequence=0', 200],
    ['the present one', 'sequence=1', 304],
    ['one that never was, as after the state was set aside', 'sequence=9007199254740991', 200],
    ['the present one, with no time to wait', 'sequence=1&wait=0s', 304],
    ['the present one, with a wish for its life', 'sequence=1&min_ttl=20m', 304],
  ])('answers at once to who has %s', async (_case, query, status) => {
    await using site = await Watching.begin();
    const answer = await site.daemon.ask(`${tokenPath}?${query}`);
    expect([answer.status, answer.headers.etag]).toEqual([status, '"1"']);
    expect(answer.text === '').toBe(status === 304);
  });

  it('answers 304 as well to who names the new one by its entity tag', async () => {
    await using site = await Watching.begin();
    const headers = { 'If-None-Match': '"1"' };
    expect(await site.daemon.ask(`${tokenPath}?sequence=0`, { headers })).toMatchObject({ status: 304 });
  });

  it('answers 503 where there is no valid token', async () => {
    await using site = await Watching.begin();
    site.daemon.clock.advance(600_000);
    expect(await site.daemon.ask(`${tokenPath}?sequence=1`)).toMatchObject({
      status: 503,
      json: { code: 'TOKEN_UNAVAILABLE' },
    });
  });
});

describe('?sequence=N&wait=T', () => {
  it('answers with the next token as soon as it is published', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask('sequence=1&wait=30s');
    site.agent.publish('second');
    expect(await answer).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      json: { access_token: 'second', sequence: 2 },
    });
    await site.nobodyWatches();
  });

  it('answers in the form that was asked for, also over /v1/token', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask('sequence=1&wait=30s', { headers: { Accept: 'text/plain' } });
    const only = site.daemon.ask('/v1/token?sequence=1&wait=30s');
    await eventually(async () => expect(await site.watchers('wait')).toBe(2));
    site.agent.publish('second');
    expect((await answer).text).toBe('second');
    expect((await only).json).toMatchObject({ access_token: 'second', sequence: 2 });
  });

  it('answers 304 with the entity tag when the time is over, and not before', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask('sequence=1&wait=30s');
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await site.daemon.clock.elapse(29_999);
    site.agent.wake();
    site.agent.become({ state: 'degraded' });
    await site.daemon.ask('/healthz');
    expect(isAnswered).toBe(false);
    await site.daemon.clock.elapse(1);
    expect(await answer).toMatchObject({ status: 304, text: '', headers: { etag: '"1"' } });
    await site.nobodyWatches();
  });

  it('waits up to ten minutes, on a connection that is then kept', async () => {
    await using site = await Watching.begin();
    using client = new RawClient(site.daemon.path);
    await client.send(`GET ${tokenPath}?sequence=1&wait=10m HTTP/1.1\r\nHost: x\r\n\r\n`);
    await eventually(() => expect(site.agent.listeners).toBe(1));
    await site.daemon.clock.elapse(600_000);
    expect(await client.responses(1)).toMatch(/^HTTP\/1.1 503[^]*Connection: keep-alive/);
    site.agent.publish('second');
    await client.send(`GET ${tokenPath} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await client.responses(1)).toMatch(/^HTTP\/1.1 200/);
  });

  it('waits for the first token of all', async () => {
    await using site = new Serving();
    const agent = site.agent();
    await site.listen();
    const answer = site.ask(`${tokenPath}?sequence=0&wait=30s`);
    await eventually(() => expect(agent.listeners).toBe(1));
    agent.become({ state: 'degraded' });
    agent.publish('first');
    expect(await answer).toMatchObject({ status: 200, json: { sequence: 1 } });
  });

  it('says why there is no token when the time is over', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask('sequence=1&wait=30s');
    site.daemon.clock.advance(1000);
    const alert = {
      code: 'SECRET_REVOKED',
      severity: 'critical',
      since: '',
      summary: 'enrol again',
    } as const;
    site.agent.become({ state: 'revoked', alerts: [alert] });
    site.daemon.clock.suspend(700_000);
    expect(await answer).toMatchObject({ status: 503, json: { code: 'SECRET_REVOKED' } });
  });

  it('waits on for a refresh that is near where the new token is shorter than wished, within the wait', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask('sequence=1&wait=30s&min_ttl=2m');
    site.daemon.clock.advance(10_000);
    site.agent.planRefresh(25_000);
    site.agent.publish('short', 60_000);
    await eventually(() => expect(site.daemon.clock.nextDueInMs()).toBe(20_000));
    site.daemon.clock.advance(20_000);
    expect(await answer).toMatchObject({ status: 200, json: { access_token: 'short' } });
    await site.nobodyWatches();
  });

  it('serves HEAD, which tells the sequence alone', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask('sequence=1&wait=30s', { method: 'HEAD' });
    site.agent.publish('second');
    expect(await answer).toMatchObject({ status: 200, text: '', headers: { etag: '"2"' } });
  });

  it('forgets a client that has gone', async () => {
    await using site = await Watching.begin();
    const gone = new AbortController();
    const { answer } = await site.ask('sequence=1&wait=30s', { signal: gone.signal });
    gone.abort();
    await expect(answer).rejects.toThrow('aborted');
    await site.nobodyWatches();
  });
});

describe('a query that makes no sense', () => {
  it.each([
    ['sequence=-1', 'no number of a token'],
    ['sequence=', 'no number of a token'],
    ['sequence=1.0', 'no number of a token'],
    ['sequence=0x10', 'no number of a token'],
    ['sequence=9007199254740992', 'no number of a token'],
    ['sequence=1&sequence=2', 'given twice'],
    ['wait=30s', 'wait needs sequence'],
    ['sequence=1&wait=30', 'not a duration'],
    ['sequence=1&wait=-1s', 'not a duration'],
    ['sequence=1&wait=601s', 'longer than 10m'],
    ['sequence=1&index=2', 'it takes min_ttl, sequence, wait'],
  ])('?%s', async (query, detail) => {
    await using site = await Watching.begin();
    const { status, json } = await site.daemon.ask(`${tokenPath}?${query}`);
    expect([status, json?.['code']]).toEqual([400, 'REQUEST_INVALID']);
    expect(json?.['detail']).toContain(detail);
  });
});
