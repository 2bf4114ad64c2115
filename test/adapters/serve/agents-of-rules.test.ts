import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../src/platform/native.ts';
import type { AllowRule } from '../../../src/serve/access.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';

/** Rules that are about some agents only, on every route and by either lane. */

const self = process.geteuid?.() ?? -1;
const webOnly: AllowRule = { user: self, may: ['token', 'status', 'admin'], agents: ['web-*'] };
const limits = { connections: 0, requestsPerSecond: 0 };

async function serving(...allow: readonly AllowRule[]) {
  const daemon = new Serving();
  for (const name of ['web-01', 'web-02', 'db-01']) daemon.agent(name).publish(`of ${name}`);
  return { daemon, listener: await daemon.listen({ allow }) };
}

describe('a rule for web-*', () => {
  it.each([
    ['GET', ''],
    ['GET', '/token'],
    ['GET', '/events'],
    ['POST', '/token/rejections'],
    ['POST', '/refresh'],
    ['POST', '/recover'],
    ['POST', '/rekey'],
    ['PUT', '/secret'],
  ])('refuses %s …%s of others, and does not tell which there are', async (method, suffix) => {
    const { daemon } = await serving(webOnly);
    await using _ = daemon;
    const [known, unknown] = await Promise.all(
      ['db-01', 'db-99'].map((name) => daemon.ask(`/v1/agents/${name}${suffix}`, { method })),
    );
    expect(known).toMatchObject({ status: 403, json: { code: 'PEER_DENIED' } });
    expect(unknown?.text).toBe(known?.text.replaceAll('db-01', 'db-99'));
    // of its own the caller learns whether there is one
    expect(await daemon.ask(`/v1/agents/web-99${suffix}`, { method })).toMatchObject({ status: 404 });
  });

  it('shows its own agents only, and picks among them', async () => {
    const { daemon, listener } = await serving(webOnly);
    await using _ = daemon;
    const { json } = await daemon.ask('/v1/agents');
    const shown = json?.['agents'] as readonly { agent: string }[];
    expect(shown.map(({ agent }) => agent)).toEqual(['web-01', 'web-02']);
    const several = await daemon.ask('/v1/token');
    expect([several.status, several.text.includes('db-01')]).toEqual([409, false]);
    const allow = [{ ...webOnly, agents: ['db-01'] }];
    listener.update({ peerLookup: await loadNative(), allow, limits });
    expect((await daemon.ask('/v1/token')).json).toMatchObject({ agent: 'db-01' });
  });

  it.each([
    ['plain', ''],
    ['ordinary', 'X-Any: 1\r\n'],
  ])('holds on an open connection, by the rules of now: a %s request', async (_way, header) => {
    const { daemon, listener } = await serving(webOnly);
    await using _ = daemon;
    using client = new RawClient(daemon.path);
    const statusOf = async (agent: string) => {
      await client.send(`GET /v1/agents/${agent}/token HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
      return /^HTTP\/1\.1 (\d+)/.exec(await client.responses(1))?.[1];
    };
    expect([await statusOf('web-01'), await statusOf('db-01')]).toEqual(['200', '403']);
    listener.update({ peerLookup: await loadNative(), allow: [{ ...webOnly, agents: ['db-*'] }], limits });
    expect([await statusOf('web-01'), await statusOf('db-01')]).toEqual(['403', '200']);
  });

  it('replaces no key that other agents share', async () => {
    const { daemon } = await serving(webOnly);
    await using _ = daemon;
    const records = ['secret'];
    daemon.keys.answer = [
      { agent: 'web-01', records },
      { agent: 'db-01', records },
    ];
    const shared = await daemon.ask('/v1/agents/web-01/rekey', { method: 'POST' });
    expect([shared.status, shared.text.includes('db-01')]).toEqual([403, false]);
    daemon.keys.answer = [{ agent: 'web-01', records }];
    expect(await daemon.ask('/v1/agents/web-01/rekey', { method: 'POST' })).toMatchObject({ status: 200 });
    expect(daemon.keys.calls).toEqual(['preview web-01', 'preview web-01', 'replace web-01']);
  });
});

it('a bound of requests holds by either lane, and counts each request once', async () => {
  await using daemon = new Serving();
  daemon.agent().publish('abc');
  await daemon.listen({ limits: { connections: 0, requestsPerSecond: 6 } });
  using plain = new RawClient(daemon.path);
  using ordinary = new RawClient(daemon.path);
  const statuses = [];
  for (let round = 0; round < 4; round += 1) {
    await plain.send('GET /v1/agents/web-01/token HTTP/1.1\r\nHost: x\r\n\r\n');
    statuses.push((await plain.responses(1)).slice(9, 12));
    await ordinary.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    statuses.push((await ordinary.responses(1)).slice(9, 12));
  }
  expect(statuses).toEqual([...Array.from({ length: 6 }, () => '200'), '429', '429']);
});
