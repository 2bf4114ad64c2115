import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalKey } from '../../../src/platform/local-key.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { listenTcp } from '../../../src/serve/listeners.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, Serving } from './serving.ts';

const limits = { connections: 0, requestsPerSecond: 0 };
const secret = 'a/secret+of the=client';
const type = { 'content-type': 'application/x-www-form-urlencoded' };
const basic = (id: string, word: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}`,
});
const grant = 'grant_type=client_credentials';

let folder: string;
let keyFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-oauth-'));
  keyFile = join(folder, 'client.key');
  writeFileSync(keyFile, `${secret}\n`, { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A port on which the client `prometheus` gets the token of web-01. */
async function port(serving: Serving) {
  const key = await openLocalKey(keyFile, { disk: systemDisk, onUnusable: () => {} });
  const listener = await listenTcp(serving.dependencies, {
    host: '127.0.0.1',
    port: 0,
    serves: ['oauth'],
    oauthClients: new Map([['prometheus', { agent: 'web-01', secret: key }]]),
    limits,
  });
  const place = { host: '127.0.0.1', port: Number(listener.address.split(':')[1]) };
  return {
    listener,
    post: (body: string, headers: Record<string, string> = {}) =>
      ask(place, '/oauth/token', { method: 'POST', body, headers: { ...type, ...headers } }),
    ask: (path: string) => ask(place, path),
  };
}

const post = (serving: Serving, body: string, headers: Record<string, string> = {}) =>
  serving.ask('/oauth/token', { method: 'POST', body, headers: { ...type, ...headers } });

describe('the token endpoint on a port', () => {
  it('answers a client that shows its secret, with the life that the token still has', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc', 600_000);
    await using served = await withPort(serving);
    serving.clock.advance(90_500);
    const answer = await served.post(`${grant}&scope=web-01`, basic('prometheus', secret));
    expect(answer).toMatchObject({
      status: 200,
      json: { access_token: 'abc', token_type: 'Bearer', expires_in: 509 },
      headers: {
        'cache-control': 'no-store',
        pragma: 'no-cache',
        'content-type': expect.stringContaining('application/json') as string,
      },
    });
    expect(Object.keys(answer.json as object)).toEqual(['access_token', 'token_type', 'expires_in']);
  });

  it('takes it in the header, encoded or not, and in the body', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await using served = await withPort(serving);
    const encoded = new URLSearchParams({ x: secret }).toString().slice(2);
    const answers = await Promise.all([
      served.post(grant, basic('prometheus', secret)),
      served.post(grant, basic('prometheus', encoded)),
      served.post(`${grant}&client_id=prometheus&client_secret=${encodeURIComponent(secret)}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('lets a client that fails with the header try the body', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await using served = await withPort(serving);
    const first = await served.post(grant, basic('prometheus', 'wrong'));
    expect(first).toMatchObject({
      status: 401,
      json: { error: 'invalid_client', code: 'PEER_DENIED' },
      headers: { 'www-authenticate': 'Basic realm="tokenward"' },
    });
    const second = await served.post(
      `${grant}&client_id=prometheus&client_secret=${encodeURIComponent(secret)}`,
    );
    expect(second.status).toBe(200);
    expect(serving.log.lines).toMatchObject([
      { event: 'oauth-client-refused', fields: { client: 'prometheus' } },
    ]);
  });

  it('does not write down what somebody gave for a name', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await using served = await withPort(serving);
    expect(await served.post(grant, basic(secret, 'prometheus'))).toMatchObject({ status: 401 });
    expect(await served.post(grant)).toMatchObject({ status: 401 });
    expect(JSON.stringify(serving.log.lines)).not.toContain(secret);
  });

  it.each([
    [`${grant}&scope=web-02`, 400, { error: 'invalid_scope' }],
    ['grant_type=authorization_code', 400, { error: 'unsupported_grant_type' }],
    ['', 400, { error: 'invalid_request' }],
    [`${grant}&x=${'y'.repeat(20_000)}`, 400, { error: 'invalid_request' }],
  ])('refuses in the words of OAuth: %.60s', async (body, status, json) => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    serving.agent('web-02').publish('def');
    await using served = await withPort(serving);
    expect(await served.post(body, basic('prometheus', secret))).toMatchObject({ status, json });
  });

  it('says when to come again where there is no token', async () => {
    await using serving = new Serving();
    serving.agent();
    await using served = await withPort(serving);
    expect(await served.post(grant, basic('prometheus', secret))).toMatchObject({
      status: 503,
      json: { error: 'temporarily_unavailable', code: 'TOKEN_UNAVAILABLE' },
      headers: { 'retry-after': '5' },
    });
  });

  it('goes by the secret that is in the file now', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await using served = await withPort(serving);
    writeFileSync(`${keyFile}.next`, 'the-next-secret-of-the-client', { mode: 0o600 });
    renameSync(`${keyFile}.next`, keyFile);
    expect((await served.post(grant, basic('prometheus', 'the-next-secret-of-the-client'))).status).toBe(200);
    expect((await served.post(grant, basic('prometheus', secret))).status).toBe(401);
  });

  it('is all that is there, and goes with an update', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await using served = await withPort(serving);
    expect((await served.ask('/v1/agents/web-01/token')).status).toBe(404);
    expect((await served.ask('/oauth/token')).status).toBe(405);
    served.listener.update({ serves: ['oauth'], oauthClients: new Map(), limits });
    expect((await served.post(grant, basic('prometheus', secret))).status).toBe(401);
  });

  it('waits for a refresh that is near', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    agent.publish('old');
    agent.planRefresh(2_000);
    await using served = await withPort(serving);
    const answer = served.post(grant, basic('prometheus', secret));
    await eventually(() => expect(agent.listeners).toBe(1));
    agent.publish('new');
    expect((await answer).json).toMatchObject({ access_token: 'new' });
  });
});

describe('the token endpoint on a socket', () => {
  it('knows its peer, whatever that says of itself', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await serving.listen();
    expect(await post(serving, grant)).toMatchObject({ status: 200, json: { access_token: 'abc' } });
    expect(await post(serving, grant, basic('anybody', 'anything'))).toMatchObject({ status: 200 });
  });

  it('gives the agent that is named, to those who may read it', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    serving.agent('web-02').publish('def');
    serving.agent('db-01').publish('ghi');
    await serving.listen({ allow: [{ user: process.geteuid?.() ?? -1, may: ['token'], agents: ['web-*'] }] });
    expect(await post(serving, grant)).toMatchObject({
      status: 400,
      json: {
        error: 'invalid_request',
        error_description: expect.stringContaining('web-01, web-02') as string,
      },
    });
    expect((await post(serving, `${grant}&scope=web-02`)).json).toMatchObject({ access_token: 'def' });
    expect((await post(serving, `${grant}&client_id=web-01`)).json).toMatchObject({ access_token: 'abc' });
    expect((await post(serving, `${grant}&scope=db-01`)).json).toMatchObject({ error: 'invalid_scope' });
    expect((await post(serving, `${grant}&scope=absent`)).json).toMatchObject({ error: 'invalid_scope' });
  });

  it('gives nothing to a peer without permission', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await serving.listen({ allow: [] });
    expect(await post(serving, grant)).toMatchObject({
      status: 400,
      json: { error: 'unauthorized_client', code: 'PEER_DENIED' },
    });
  });
});

async function withPort(serving: Serving) {
  const served = await port(serving);
  return { ...served, [Symbol.asyncDispose]: () => served.listener[Symbol.asyncDispose]() };
}
