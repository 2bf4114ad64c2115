import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/emulator/start-emulator.ts';
import { adminToken, HttpsEmulator, type Reply } from './emulator/https-emulator.ts';

let server: HttpsEmulator;

beforeEach(async () => {
  server = await HttpsEmulator.start({ policy: 'grace', graceMs: 5_000 });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function seen(reply: Reply): unknown {
  return { status: reply.status, body: reply.text === '' ? '' : (JSON.parse(reply.text) as unknown) };
}

describe('the control plane', () => {
  it('tells the state', async () => {
    await server.grant(server.emulator.createSecret('web-01'));
    const reply = await server.get('/_emulator/state');
    expect(seen(reply)).toEqual({ status: 200, body: server.emulator.state() });
    expect(server.emulator.state()).toMatchObject({
      policy: 'grace',
      graceMs: 5_000,
      exchanges: { total: 1, granted: 1 },
      secrets: { 'web-01': { status: 'ACTIVE', generation: 1, spentSecretUses: 0, revokedSecretUses: 0 } },
    });
  });

  it('adds and clears faults, and is not met by them', async () => {
    const fault = { kind: 'status', status: 503, body: 'empty', count: 'until-cleared' };
    expect(seen(await server.post('/_emulator/faults', fault))).toEqual({ status: 201, body: fault });
    expect((await server.exchange('any')).status).toBe(503);
    expect((await server.get('/_emulator/state')).status).toBe(200);
    expect((await server.get('/_emulator/faults', { method: 'DELETE' })).status).toBe(204);
    expect((await server.exchange('any')).status).toBe(400);
  });

  it('changes the policy at once, for secrets already spent too', async () => {
    const secret = server.emulator.createSecret('web-01');
    await server.grant(secret);
    const policy = (body: unknown) => server.post('/_emulator/policy', body);
    expect(seen(await policy({ policy: 'strict' }))).toEqual({
      status: 200,
      body: { policy: 'strict', graceMs: 5_000 },
    });
    expect(server.emulator.honours(secret)).toBe(false);
    expect((await policy({ policy: 'grace', graceMs: 10 })).status).toBe(200);
    expect(server.emulator.honours(secret)).toBe(true);
    server.advance(10);
    expect(server.emulator.honours(secret)).toBe(false);
  });

  it('resets', async () => {
    const secret = server.emulator.createSecret('web-01');
    const { access_token: token } = await server.grant(secret);
    server.emulator.setPolicy('strict');
    server.emulator.addFault({ kind: 'hang' });
    expect((await server.post('/_emulator/reset', '')).status).toBe(204);
    expect(server.emulator.state()).toMatchObject({
      policy: 'grace',
      secrets: {},
      faults: [],
      exchanges: { total: 0 },
    });
    expect((await server.exchange(secret)).status).toBe(400);
    expect((await server.post('/api/v2/events', 'a', { 'x-jwt-token': token })).status).toBe(401);
  });

  it.each([
    ['/_emulator/faults', 'not json', 'a fault is a JSON object'],
    ['/_emulator/faults', { kind: 'reset', latencyMs: -1 }, 'latencyMs must be'],
    ['/_emulator/policy', 'not json', 'policy must be one of strict, grace'],
    ['/_emulator/policy', { policy: 'lenient' }, 'policy must be one of strict, grace'],
    ['/_emulator/policy', { policy: 'grace', graceMs: '60s' }, 'graceMs must be a number of milliseconds'],
  ])('answers 400 to %s with %o', async (path, body, error) => {
    const before = server.emulator.state();
    expect(seen(await server.post(path, body))).toEqual({
      status: 400,
      body: { error: expect.stringContaining(error) as string },
    });
    expect(server.emulator.state()).toEqual(before);
  });

  it('names its commands to those who miss them', async () => {
    const reply = await server.get('/_emulator/');
    expect([reply.status, reply.text]).toEqual([404, expect.stringContaining('GET /_emulator/state')]);
  });
});

describe('the emulator in this process', () => {
  it('goes away and comes back at the same port with all it knew', async () => {
    const secret = server.emulator.createSecret('web-01');
    await server.emulator.pause();
    await expect(server.exchange(secret)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.emulator.resume();
    expect((await server.exchange(secret)).status).toBe(200);
  });

  it('speaks plain HTTP without a certificate', async () => {
    await using plain = await startEmulator({ adminToken });
    expect(plain.url).toBe(`http://127.0.0.1:${plain.port}`);
    const reply = await fetch(`${plain.url}/_emulator/state`);
    expect(await reply.json()).toMatchObject({ policy: 'strict', graceMs: 60_000 });
    plain.addFault({ kind: 'reset', endpoint: 'list' });
    await expect(fetch(`${plain.url}/api/v2/agent/secrets`)).rejects.toMatchObject({
      cause: { code: 'ECONNRESET' },
    });
  });

  it('says when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startEmulator({ adminToken, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => other.close(resolve));
  });

  it('refuses to ask for client certificates without TLS', async () => {
    await expect(startEmulator({ adminToken, clientCa: 'PEM' })).rejects.toThrow('clientCa needs tls');
  });

  it('says when a secret is taken or absent', () => {
    server.emulator.createSecret('web-01');
    expect(() => server.emulator.createSecret('web-01')).toThrow('already exists');
    expect(() => server.emulator.revoke('web-02')).toThrow('there is no agent secret "web-02"');
  });
});
