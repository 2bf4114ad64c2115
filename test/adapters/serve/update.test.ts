import { rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../src/platform/native.ts';
import type { AllowRule } from '../../../src/serve/access.ts';
import { listenTcp, type UnixRules } from '../../../src/serve/listeners.ts';
import { eventually } from '../../support/eventually.ts';
import { RawClient } from './raw-client.ts';
import { ask, Serving } from './serving.ts';

/** Other rules for a listener that listens: they hold at once, also on connections that are open, and end none. */

const self = process.geteuid?.() ?? -1;
const everything: AllowRule = { user: self, may: ['token', 'status', 'admin'] };
const nobody: AllowRule = { user: self + 1, may: ['token', 'status', 'admin'] };
const noLimits = { connections: 0, requestsPerSecond: 0 };

async function rules(over: Partial<UnixRules> = {}): Promise<UnixRules> {
  return { peerLookup: await loadNative(), allow: [everything], limits: noLimits, ...over };
}

const get = (path: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');
/** By the express lane, and by node:http. */
const tokenPath = '/v1/agents/web-01/token';
const ways = [
  ['plain', get(tokenPath)],
  ['ordinary', get(tokenPath, 'X-Any: 1')],
] as const;

async function serving(): Promise<Serving> {
  const started = new Serving();
  started.agent().publish('abc');
  return started;
}

async function statusOf(client: RawClient, request: string): Promise<number> {
  await client.send(request);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(await client.responses(1))?.[1]);
}

describe('other allow rules', () => {
  it.each(ways)('hold for the next %s request of an open connection', async (_way, request) => {
    await using daemon = await serving();
    const listener = await daemon.listen();
    using client = new RawClient(daemon.path);
    expect(await statusOf(client, request)).toBe(200);
    listener.update(await rules({ allow: [nobody] }));
    expect(await statusOf(client, request)).toBe(403);
    listener.update(await rules());
    expect(await statusOf(client, request)).toBe(200);
    expect(client.ended).toBe(false);
  });

  it('hold for new connections', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen({ allow: [nobody] });
    expect(await daemon.ask(tokenPath)).toMatchObject({ status: 403 });
    listener.update(await rules());
    expect(await daemon.ask(tokenPath)).toMatchObject({ status: 200 });
  });
});

describe('a permission that is taken away', () => {
  it('ends an open stream with the next event', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen();
    using client = new RawClient(daemon.path);
    await client.send(get('/v1/agents/web-01/events'));
    await eventually(() => expect(client.received).toContain('event: token'));
    listener.update(await rules({ allow: [nobody] }));
    daemon.agents.get('web-01')?.publish('never seen');
    await client.untilEnded();
    expect(client.received).not.toContain('"sequence":2');
  });

  it('refuses a request that waits', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen();
    const answer = daemon.ask(`${tokenPath}?sequence=1&wait=30s`);
    await eventually(() => expect(daemon.agents.get('web-01')?.listeners).toBe(1));
    listener.update(await rules({ allow: [nobody] }));
    daemon.agents.get('web-01')?.publish('never seen');
    expect(await answer).toMatchObject({ status: 403 });
  });
});

describe('other limits', () => {
  it('bound the requests of a connection that was in the express lane', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen();
    using client = new RawClient(daemon.path);
    expect(await statusOf(client, get(tokenPath))).toBe(200);
    listener.update(await rules({ limits: { connections: 0, requestsPerSecond: 1 } }));
    expect(await statusOf(client, get(tokenPath))).toBe(200);
    expect(await statusOf(client, get(tokenPath))).toBe(429);
  });

  it('count the connections that are open, and close none', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen();
    using client = new RawClient(daemon.path);
    expect(await statusOf(client, get(tokenPath))).toBe(200);
    listener.update(await rules({ limits: { connections: 1, requestsPerSecond: 0 } }));
    expect(await daemon.ask('/healthz')).toMatchObject({ status: 429 });
    expect(await statusOf(client, get(tokenPath))).toBe(200);
  });
});

it('a TCP listener serves more or less, on the same connections', async () => {
  await using daemon = await serving();
  await using listener = await listenTcp(daemon.dependencies, {
    host: '127.0.0.1',
    port: 0,
    serves: ['metrics'],
    oauthClients: new Map(),
    limits: noLimits,
  });
  const place = { host: '127.0.0.1', port: Number(listener.address.split(':')[1]) };
  expect(await ask(place, '/healthz')).toMatchObject({ status: 404 });
  listener.update({ serves: ['health'], oauthClients: new Map(), limits: noLimits });
  expect(await ask(place, '/healthz')).toMatchObject({ status: 200 });
  expect(await ask(place, '/metrics')).toMatchObject({ status: 404 });
});

describe('another dress', () => {
  it('changes the mode of the socket in its place', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen({ mode: 0o600 });
    await listener.dress({ mode: 0o666, user: null, group: null });
    expect(statSync(daemon.path).mode & 0o777).toBe(0o666);
    expect(await daemon.ask('/healthz')).toMatchObject({ status: 200 });
  });

  it('is not put on something else that came to the path', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen({ mode: 0o600 });
    rmSync(daemon.path);
    writeFileSync(daemon.path, '', { mode: 0o640 });
    await listener.dress({ mode: 0o666, user: null, group: null });
    expect(statSync(daemon.path).mode & 0o777).toBe(0o640);
  });

  it.skipIf(process.geteuid?.() !== 0)('changes owner and group', async () => {
    await using daemon = await serving();
    const listener = await daemon.listen();
    await listener.dress({ mode: 0o660, user: 41_001, group: 42_001 });
    const { uid, gid, mode } = statSync(daemon.path);
    expect([uid, gid, mode & 0o777]).toEqual([41_001, 42_001, 0o660]);
  });
});

describe('how long a connection may be idle', () => {
  it.each(ways)('is told with each answer by the rules of now, and holds: %s', async (_way, request) => {
    await using daemon = await serving();
    const listener = await daemon.listen();
    using client = new RawClient(daemon.path);
    await client.send(request);
    expect(await client.responses(1)).toContain('Keep-Alive: timeout=75\r\n');
    listener.update(await rules({ limits: { ...noLimits, idleDeadlineMs: 1_000 } }));
    await client.send(request);
    expect(await client.responses(1)).toContain('Keep-Alive: timeout=1\r\n');
    await client.untilEnded();
  });
});
