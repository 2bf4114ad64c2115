import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpsEmulator, temporaryPath, type Grant, type Reply } from './emulator/https-emulator.ts';

let server: HttpsEmulator;

beforeEach(async () => {
  server = await HttpsEmulator.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function json(reply: Reply): unknown {
  return JSON.parse(reply.text);
}

function error(status: number, errorCode: string): unknown {
  return { status, body: { errorCode, errorDetails: {}, errorMessage: expect.any(String) as string } };
}

function seen(reply: Reply): unknown {
  return { status: reply.status, body: json(reply) };
}

describe('ingestion', () => {
  const events = '/api/v2/events';

  it.each([
    ['authorization', (token: string) => `Bearer ${token}`, events],
    ['x-jwt-token', (token: string) => token, `${events}/ingest/4c4c4544`],
  ])('accepts the token in %s', async (header, value, path) => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'));
    const reply = await server.post(
      path,
      { events: [{ text: 'a' }, { text: 'b' }] },
      { [header]: value(token) },
    );
    expect(seen(reply)).toEqual({ status: 200, body: { status: 'ok', ingested: 2 } });
    expect(server.emulator.state().events).toEqual({
      accepted: 2,
      rejected: 0,
      distinct: 2,
      rejectedRequests: 0,
    });
  });

  it.each([
    ['the API form', '{"events":[{"text":"a"},{"text":"b"},{"text":"a"}]}', 3, 2],
    ['an array', '[{"text":"a"},{"text":"b"}]', 2, 2],
    ['one object', '{\n"text": "a"\n}', 1, 1],
    ['events that are no array', '{"events":"a"}', 1, 1],
    ['one JSON object a line', '{"text":"a"}\n{"text":"b"}\n', 2, 2],
    ['plain lines', 'a\r\nb\n\nb\n', 3, 2],
    ['nothing', '', 0, 0],
    ['gzip', gzipSync('a\nb\n'), 2, 2],
  ])('counts the events of %s', async (_, body, accepted, distinct) => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'));
    const encoding = Buffer.isBuffer(body) ? { 'content-encoding': 'gzip' } : undefined;
    const reply = await server.post(events, body, { authorization: `Bearer ${token}`, ...encoding });
    expect(reply.status).toBe(200);
    expect(server.emulator.state().events).toMatchObject({ accepted, distinct });
  });

  it('rejects missing, unknown and expired tokens', async () => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'), 60_000);
    server.advance(60_000);
    for (const headers of [undefined, { authorization: 'Bearer unknown' }, { 'x-jwt-token': token }]) {
      expect(seen(await server.post(events, 'a\nb', headers))).toEqual(error(401, 'SECURITY_ERROR'));
    }
    expect(server.emulator.state().events).toEqual({
      accepted: 0,
      rejected: 6,
      distinct: 0,
      rejectedRequests: 3,
    });
  });

  it('keeps a token valid after its secret was revoked', async () => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'));
    server.emulator.revoke('web-01');
    expect((await server.post(events, 'a', { authorization: `Bearer ${token}` })).status).toBe(200);
  });

  it('takes the live credentials of the other products, each by its own headers', async () => {
    const lasting = server.emulator.onezone.createToken('web-02');
    const temporary = await server.temporaryToken(lasting);
    const [f5] = server.emulator.f5Xc.createCredentials(['web-03']);
    const post = async (headers: Readonly<Record<string, string>>) =>
      (await server.post(events, 'a', headers)).status;
    const theirs = [
      { 'x-auth-token': temporary },
      { authorization: `Bearer ${temporary}` },
      { authorization: `APIToken ${f5?.token}` },
    ];
    expect(await Promise.all(theirs.map(post))).toEqual([200, 200, 200]);
    const others = [
      { 'x-auth-token': lasting },
      { 'x-jwt-token': temporary },
      { authorization: `APIToken ${temporary}` },
      { authorization: `Bearer ${f5?.token}` },
    ];
    expect(await Promise.all(others.map(post))).toEqual([401, 401, 401, 401]);
    await server.get(temporaryPath, { method: 'DELETE', headers: { 'x-auth-token': lasting } });
    await server.bulkRevoke({ name_selector: { names: ['web-03'] } });
    expect(await Promise.all(theirs.map(post))).toEqual([401, 401, 401]);
    expect(server.emulator.state().events).toMatchObject({ accepted: 3, rejectedRequests: 7 });
  });

  it('tells clients apart by the name of what they show, and counts what they follow', async () => {
    const first = await server.grant(server.emulator.createSecret('web-01'));
    const second = await server.grant(first.new_secret);
    const other = await server.grant(server.emulator.createSecret('web-02'));
    const deliveries = [
      [first, 'a\nb'],
      [second, 'b\nc\nc'],
      [second, 'd'],
      [other, 'a\ne'],
    ] as const;
    for (const [{ access_token: token }, body] of deliveries)
      await server.post(events, body, { authorization: `Bearer ${token}` });
    expect(server.emulator.state().clients).toEqual({
      'web-01': { accepted: 6, distinct: 4, scrapes: 0, tokens: 2 },
      'web-02': { accepted: 2, distinct: 1, scrapes: 0, tokens: 1 },
    });
  });

  it('shows its counters to live tokens, as Prometheus reads them', async () => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'));
    const headers = { authorization: `Bearer ${token}` };
    await server.post(events, 'a\na\nb', headers);
    await server.post(events, 'c\nd');
    expect(seen(await server.get('/metrics'))).toEqual(error(401, 'SECURITY_ERROR'));
    const page = await server.get('/metrics', { headers });
    expect(page).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
    const values = page.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(values).toEqual([
      'emulator_events_accepted_total 3',
      'emulator_events_rejected_total 2',
      'emulator_requests_rejected_total 1',
      'emulator_events_distinct 2',
    ]);
    expect(server.emulator.state().clients).toMatchObject({ 'web-01': { scrapes: 1, tokens: 1 } });
  });

  it.each([401, 403, 440] as const)('refuses the freshest token with %i on request', async (status) => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'));
    const headers = { authorization: `Bearer ${token}` };
    server.emulator.rejectIngestion(status);
    expect(seen(await server.post(events, 'a\nb', headers))).toEqual(error(status, 'SECURITY_ERROR'));
    expect(server.emulator.state()).toMatchObject({ rejectWith: status, events: { rejected: 2 } });
    server.emulator.rejectIngestion(null);
    expect((await server.post(events, 'a', headers)).status).toBe(200);
  });

  it.each([
    ['br', 'a'],
    ['gzip', 'not gzip'],
  ])('answers 415 to a body it cannot unpack (%s)', async (encoding, body) => {
    expect(seen(await server.post(events, body, { 'content-encoding': encoding }))).toEqual(
      error(415, 'API_ERROR'),
    );
  });
});

describe('the session of an access token', () => {
  const session = '/api/v2/sessions/current';

  it.each(['token', 'name'] as const)('ends at the server by its %s', async (by) => {
    const first = await server.grant(server.emulator.createSecret('web-01'));
    const second = await server.grant(first.new_secret);
    const other = await server.grant(server.emulator.createSecret('web-02'));
    const tokens = [first, second, other].map((grant) => grant.access_token);
    const statuses = async () => {
      const replies = tokens.map((token) => server.get(session, { headers: { 'x-jwt-token': token } }));
      return (await Promise.all(replies)).map((reply) => reply.status);
    };
    expect(await statuses()).toEqual([200, 200, 200]);
    const which = by === 'token' ? { token: first.access_token } : { name: 'web-01' };
    expect(server.emulator.revokeTokens(which)).toBe(by === 'token' ? 1 : 2);
    expect(await statuses()).toEqual([401, by === 'token' ? 200 : 401, 200]);
    expect(server.emulator.revokeTokens({ token: first.access_token })).toBe(0);
  });

  it('ends soon after the next one was issued, and no later than the server allows', async () => {
    const life = { maxMs: 20_000, supersededMs: 1_000 };
    server.emulator.setTokenLife('web-01', life);
    const first = await server.grant(server.emulator.createSecret('web-01'), 60_000);
    const other = await server.grant(server.emulator.createSecret('web-02'), 60_000);
    expect([first.ttl, other.ttl]).toEqual([20_000, 60_000]);
    const lives = async ({ access_token: token }: Grant) =>
      (await server.get(session, { headers: { 'x-jwt-token': token } })).status === 200;
    server.advance(10_000);
    const second = await server.grant(first.new_secret, 60_000);
    await server.grant(other.new_secret, 60_000);
    server.advance(999);
    expect([await lives(first), await lives(second), await lives(other)]).toEqual([true, true, true]);
    server.advance(1);
    expect([await lives(first), await lives(second), await lives(other)]).toEqual([false, true, true]);
    server.advance(18_999);
    expect(await lives(second)).toBe(true);
    server.advance(1);
    expect([await lives(second), await lives(other)]).toEqual([false, true]);
  });

  it('tells whose it is, and asks for a token of its own product', async () => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'));
    const headers = { authorization: `Bearer ${token}` };
    expect(seen(await server.get(session, { headers }))).toEqual({ status: 200, body: { name: 'web-01' } });
    const temporary = await server.temporaryToken(server.emulator.onezone.createToken('web-02'));
    for (const wrong of [{}, { authorization: `Bearer ${temporary}` }])
      expect(seen(await server.get(session, { headers: wrong }))).toEqual(error(401, 'SECURITY_ERROR'));
  });
});
