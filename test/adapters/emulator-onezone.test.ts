import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/emulator/faults.ts';
import { HttpsEmulator, providerPath, temporaryPath, type Reply } from './emulator/https-emulator.ts';

let server: HttpsEmulator;
let root: string;

beforeEach(async () => {
  server = await HttpsEmulator.start();
  root = server.emulator.onezone.createToken('root', { kind: 'root' });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function seen(reply: Reply): unknown {
  return { status: reply.status, body: reply.text === '' ? '' : (JSON.parse(reply.text) as unknown) };
}

function error(status: number, id: string, details: unknown = {}): unknown {
  return { status, body: { error: { id, details, description: expect.any(String) as string } } };
}

function withToken(token: string): { readonly 'x-auth-token': string } {
  return { 'x-auth-token': token };
}

async function statusWith(token: string): Promise<number> {
  return (await server.get(providerPath, { headers: withToken(token) })).status;
}

function revokeAll(token: string): Promise<Reply> {
  return server.get(temporaryPath, { method: 'DELETE', headers: withToken(token) });
}

describe('a temporary token', () => {
  it('is good until its time, by both headers, and is another one each time', async () => {
    const first = await server.temporaryToken(root);
    const second = await server.temporaryToken(root);
    expect(first).not.toBe(second);
    const known = { status: 200, body: { providerId: 'provider-1', name: 'provider-1' } };
    for (const headers of [withToken(first), { authorization: `Bearer ${second}` }, withToken(root)])
      expect(seen(await server.get(providerPath, { headers }))).toEqual(known);
    server.advance(60_000);
    const validUntil = server.nowMs / 1_000;
    expect(seen(await server.get(providerPath, { headers: withToken(first) }))).toEqual(
      error(401, 'tokenCaveatUnverified', { caveat: { type: 'time', validUntil } }),
    );
    expect(server.emulator.state().onezone.temporary).toEqual({ issued: 2, live: 0, revoked: 0 });
  });

  it('dies with all others of its provider, and of no other, at a revocation', async () => {
    const named = server.emulator.onezone.createToken('named');
    const stranger = server.emulator.onezone.createToken('else', { providerId: 'provider-2' });
    const tokens = [await server.temporaryToken(root), await server.temporaryToken(named)];
    const spared = await server.temporaryToken(stranger);
    expect(seen(await revokeAll(root))).toEqual({ status: 204, body: '' });
    expect(await Promise.all([...tokens, spared, root].map(statusWith))).toEqual([401, 401, 200, 200]);
    expect(await statusWith(await server.temporaryToken(named))).toBe(200);
    expect(server.emulator.state()).toMatchObject({
      onezone: { temporary: { issued: 4, live: 2, revoked: 2 } },
      requests: { 'onezone-issue': { total: 4 }, 'onezone-revoke-all': { total: 1 } },
    });
  });

  it('may neither make nor revoke others', async () => {
    const token = await server.temporaryToken(root);
    expect(seen(await server.issueTemporary(token))).toEqual(error(403, 'forbidden'));
    expect(seen(await revokeAll(token))).toEqual(error(403, 'forbidden'));
    expect(await statusWith(token)).toBe(200);
  });
});

describe('the root and named tokens', () => {
  it('are asked for', async () => {
    for (const headers of [{}, { authorization: `APIToken ${root}` }])
      expect(seen(await server.post(temporaryPath, {}, headers))).toEqual(error(401, 'unauthorized'));
    expect(seen(await server.issueTemporary('unknown'))).toEqual(error(401, 'badToken'));
    expect(seen(await revokeAll('unknown'))).toEqual(error(401, 'badToken'));
    expect(server.emulator.state().onezone.refused).toBe(4);
  });

  it('may lack the privilege', async () => {
    server.emulator.onezone.setPrivileged('root', false);
    expect(seen(await server.issueTemporary(root))).toEqual(error(403, 'forbidden'));
    server.emulator.onezone.setPrivileged('root', true);
    expect((await server.issueTemporary(root)).status).toBe(201);
  });

  it('are dead once revoked, and leave their temporary tokens alive; their name is free again', async () => {
    const token = await server.temporaryToken(root);
    server.emulator.onezone.revokeToken('root');
    expect(seen(await server.issueTemporary(root))).toEqual(error(401, 'tokenRevoked'));
    expect(await statusWith(token)).toBe(200);
    const next = server.emulator.onezone.createToken('root');
    expect((await server.issueTemporary(next)).status).toBe(201);
    expect(() => server.emulator.onezone.createToken('root')).toThrow('already exists');
    expect(() => server.emulator.onezone.revokeToken('absent')).toThrow('there is no Onezone token "absent"');
  });

  it('are told apart from an error without its wrapper', async () => {
    server.emulator.onezone.wording.wrapped = false;
    const reply = await server.issueTemporary('unknown');
    expect(seen(reply)).toEqual({
      status: 401,
      body: { id: 'badToken', details: {}, description: expect.any(String) as string },
    });
  });
});

function time(validUntil: unknown): unknown {
  return { type: 'time', validUntil };
}

describe('a request for a temporary token', () => {
  const accessToken = { accessToken: {} };
  const later = Date.parse('2027-01-01T01:00:00Z') / 1_000;

  it.each([
    ['malformed JSON', '{', 'malformedData'],
    ['nothing', '', 'malformedData'],
    ['an array', [], 'malformedData'],
    ['a type that is no object', { type: 'accessToken', caveats: [time(later)] }, 'badValueJSON'],
    ['a type of another kind', { type: { inviteToken: {} }, caveats: [time(later)] }, 'badValueTokenType'],
    ['no caveats', { type: accessToken }, 'missingRequiredValue'],
    ['an empty list of caveats', { type: accessToken, caveats: [] }, 'missingRequiredValue'],
    ['caveats that are no list', { type: accessToken, caveats: {} }, 'badValueJSON'],
    ['another caveat', { type: accessToken, caveats: [{ type: 'ip' }] }, 'badValueCaveat'],
    ['a fraction of a second', { type: accessToken, caveats: [time(later + 0.5)] }, 'badValueInteger'],
    ['a time as text', { type: accessToken, caveats: [time(`${later}`)] }, 'badValueInteger'],
    ['a past time', { type: accessToken, caveats: [time(later - 3_600)] }, 'badValueTooLow'],
    ['one past time of two', { type: accessToken, caveats: [time(later), time(1)] }, 'badValueTooLow'],
  ])('with %s is answered 400', async (_, body, id) => {
    expect(seen(await server.post(temporaryPath, body, withToken(root)))).toEqual(
      error(400, id, expect.any(Object)),
    );
    expect(server.emulator.state().onezone.temporary.issued).toBe(0);
  });
});

describe('faults at Onezone', () => {
  it.each<[Fault, number, RegExp]>([
    [{ kind: 'status', status: 503 }, 503, /^\{"error":\{"id":"serviceUnavailable"/],
    [{ kind: 'status', status: 403, errorCode: 'blocked' }, 403, /^\{"error":\{"id":"blocked"/],
    [{ kind: 'rate-limited', retryAfterSeconds: 7 }, 429, /^\{"error":\{"id":"limitReached"/],
    [{ kind: 'garbage' }, 201, /^\{"access_token": "\0/],
    [{ kind: 'redirect', location: '/' }, 302, /^$/],
  ])('are worded as its own errors: %o', async (fault, status, body) => {
    server.emulator.addFault({ ...fault, endpoint: 'onezone-issue' });
    const reply = await server.issueTemporary(root);
    expect([reply.status, reply.text]).toEqual([status, expect.stringMatching(body)]);
    expect((await server.issueTemporary(root)).status).toBe(201);
  });

  it.each(['before-commit', 'after-commit'] as const)('lose the answer to a revocation %s', async (when) => {
    const token = await server.temporaryToken(root);
    server.emulator.addFault({ kind: 'reset', endpoint: 'onezone-revoke-all', when });
    await expect(revokeAll(root)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await statusWith(token)).toBe(when === 'after-commit' ? 401 : 200);
  });

  it('spoil a 204, which has no body, as a 200', async () => {
    server.emulator.addFault({ kind: 'garbage', endpoint: 'onezone-revoke-all' });
    const reply = await revokeAll(root);
    expect([reply.status, reply.text.length > 0]).toEqual([200, true]);
  });
});
