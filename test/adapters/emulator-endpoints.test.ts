import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/platform/fingerprint.ts';
import {
  admin,
  bulkRevokePath,
  HttpsEmulator,
  secretsPath,
  temporaryPath,
  type Reply,
} from './emulator/https-emulator.ts';

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

describe('administration of secrets', () => {
  it('creates, lists and revokes', async () => {
    const created = await server.post(secretsPath, { name: 'web-01' }, admin);
    expect(seen(created)).toEqual({
      status: 201,
      body: {
        id: expect.any(String) as string,
        name: 'web-01',
        secret: expect.any(String) as string,
        status: 'ACTIVE',
      },
    });
    const { id } = json(created) as { id: string };
    server.advance(5_000);
    const revoked = await server.post(`${secretsPath}/web-01/revoke`, '', admin);
    expect(seen(revoked)).toEqual({ status: 200, body: { id, name: 'web-01', status: 'REVOKED' } });
    const list = await server.get(secretsPath, { headers: admin });
    const modificationTime = Date.parse('2027-01-01T00:00:05Z');
    expect(seen(list)).toEqual({
      status: 200,
      body: [{ id, name: 'web-01', status: 'REVOKED', modificationTime }],
    });
  });

  it('decodes the name in the path', async () => {
    server.emulator.createSecret('web/01 ü');
    const revoked = await server.post(`${secretsPath}/${encodeURIComponent('web/01 ü')}/revoke`, '', admin);
    expect(json(revoked)).toMatchObject({ name: 'web/01 ü', status: 'REVOKED' });
  });

  it.each([
    ['no name', {}, 'FIELD_ERROR'],
    ['a blank name', { name: ' ' }, 'FIELD_ERROR'],
    ['a number', { name: 1 }, 'FIELD_ERROR'],
    ['a taken name', { name: 'taken' }, 'AGENT_ERROR'],
    ['malformed JSON', '{"name":', 'JSON_FORMAT_ERROR'],
    ['a JSON array', [], 'JSON_FORMAT_ERROR'],
  ])('refuses to create with %s', async (_, body, errorCode) => {
    server.emulator.createSecret('taken');
    expect(seen(await server.post(secretsPath, body, admin))).toEqual(error(400, errorCode));
  });

  it('refuses to revoke what is not there', async () => {
    expect(seen(await server.post(`${secretsPath}/absent/revoke`, '', admin))).toEqual(
      error(400, 'AGENT_ERROR'),
    );
  });

  it.each([{}, { authorization: 'Bearer WRONG' }, { authorization: 'ADMIN' }])(
    'asks for the credential: %o',
    async (headers) => {
      server.emulator.createSecret('web-01');
      const replies = [
        await server.post(secretsPath, { name: 'web-02' }, headers),
        await server.post(`${secretsPath}/web-01/revoke`, '', headers),
        await server.get(secretsPath, { headers }),
      ];
      expect(replies.map(seen)).toEqual(Array(3).fill(error(403, 'SECURITY_ERROR')));
      expect(server.emulator.state().secrets).toMatchObject({ 'web-01': { status: 'ACTIVE' } });
    },
  );
});

describe('exchange', () => {
  it.each([
    [undefined, 1_800_000],
    [0, 1_800_000],
    [60_000, 60_000],
    [15_552_000_000, 15_552_000_000],
  ])('grants ttl %s as %i ms', async (asked, given) => {
    const secret = server.emulator.createSecret('web-01');
    const reply = await server.exchange(secret, asked);
    expect(seen(reply)).toEqual({
      status: 200,
      body: {
        access_token: expect.any(String) as string,
        name: 'web-01',
        new_secret: expect.any(String) as string,
        ttl: given,
      },
    });
    const { new_secret: next } = json(reply) as { new_secret: string };
    expect([server.emulator.honours(secret), server.emulator.honours(next)]).toEqual([false, true]);
  });

  it.each([59_999, 15_552_000_001, -1, 60_000.5, '60000', true])(
    'refuses ttl %s without spending the secret',
    async (ttl) => {
      const secret = server.emulator.createSecret('web-01');
      expect(seen(await server.exchange(secret, ttl))).toEqual(error(400, 'FIELD_ERROR'));
      expect(server.emulator.honours(secret)).toBe(true);
    },
  );

  it('answers a wrong, a spent and a revoked secret alike', async () => {
    const spent = server.emulator.createSecret('web-01');
    const { new_secret: revoked } = await server.grant(spent);
    server.emulator.revoke('web-01');
    for (const secret of ['wrong', spent, revoked]) {
      expect(seen(await server.exchange(secret))).toEqual(error(400, 'AGENT_ERROR'));
    }
  });

  it.each([
    ['{', 'JSON_FORMAT_ERROR'],
    ['null', 'JSON_FORMAT_ERROR'],
    ['{}', 'FIELD_ERROR'],
    ['{"secret":1}', 'FIELD_ERROR'],
  ])('refuses the body %s with %s', async (body, errorCode) => {
    expect(seen(await server.post(`${secretsPath}/exchange`, body))).toEqual(error(400, errorCode));
  });

  it('counts what it decided, and when', async () => {
    const secret = server.emulator.createSecret('web-01');
    const first = await server.grant(secret);
    server.advance(1_000);
    await server.exchange(secret);
    await server.exchange(first.new_secret, 1);
    const { exchanges } = server.emulator.state();
    expect(exchanges).toMatchObject({
      total: 3,
      granted: 1,
      refused: 1,
      invalid: 1,
      faulted: 0,
      unknownSecretUses: 0,
    });
    const atMs = Date.parse('2027-01-01T00:00:00Z');
    const spent = fingerprintOf(secret);
    expect(exchanges.last).toEqual([
      { atMs, name: 'web-01', outcome: 'granted', presented: spent, issued: fingerprintOf(first.new_secret) },
      { atMs: atMs + 1_000, name: 'web-01', outcome: 'refused', presented: spent, issued: null },
      { atMs: atMs + 1_000, name: null, outcome: 'invalid', presented: null, issued: null },
    ]);
  });
});

describe('anything else', () => {
  it.each([
    ['GET', '/', 404],
    ['POST', `${secretsPath}/a/b/revoke`, 404],
    ['POST', `${secretsPath}/%/revoke`, 404],
    ['POST', `${secretsPath}//revoke`, 404],
    ['PUT', secretsPath, 405],
  ])('%s %s is answered %i', async (method, path, status) => {
    expect(seen(await server.get(path, { method, headers: admin }))).toEqual(error(status, 'API_ERROR'));
  });

  it('answers in the words of the product whose path it is', async () => {
    const replies = [await server.get(temporaryPath), await server.get(bulkRevokePath)];
    expect(replies.map((reply) => [reply.status, reply.headers['allow'], json(reply)])).toEqual([
      [405, 'POST, DELETE', { error: expect.objectContaining({ id: 'badData' }) as unknown }],
      [405, 'POST', 'this resource has other methods'],
    ]);
  });

  it('answers 413 to a body without measure', async () => {
    expect(seen(await server.exchange('x'.repeat(70_000)))).toEqual(error(413, 'API_ERROR'));
  });

  it('writes no credential into its log', async () => {
    const secret = server.emulator.createSecret('web-01');
    const grant = await server.grant(secret);
    await server.exchange(secret);
    await server.post('/api/v2/events?x=1', 'a', { authorization: `Bearer ${grant.access_token}` });
    const lasting = server.emulator.onezone.createToken('web-02');
    const temporary = await server.temporaryToken(lasting);
    const [f5] = server.emulator.f5Xc.createCredentials(['web-03']);
    await server.post('/api/v2/events', 'a', { authorization: `APIToken ${f5?.token}` });
    const log = server.lines.join('\n');
    const credentials = [secret, grant.new_secret, grant.access_token, lasting, temporary, f5?.token];
    expect(log).toContain('"web-01" rotated to generation 1');
    for (const text of [...credentials, admin.authorization]) expect(log).not.toContain(text);
    const state = JSON.stringify(server.emulator.state());
    for (const text of credentials) expect(state).not.toContain(text);
  });
});
