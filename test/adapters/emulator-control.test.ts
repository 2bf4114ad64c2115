import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpoints } from '../../src/emulator/api.ts';
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

  it('steers every product', async () => {
    const { access_token: token } = await server.grant(server.emulator.createSecret('web-01'));
    const steps: readonly (readonly [string, unknown, number, unknown])[] = [
      ['vcf-logs/tokens/revoke', { token }, 200, { revoked: 1 }],
      ['vcf-logs/tokens/revoke', { name: 'web-01' }, 200, { revoked: 0 }],
      ['vcf-logs/tokens/life', { name: 'web-01', maxMs: 20_000 }, 200, { name: 'web-01', maxMs: 20_000 }],
      ['ingestion', { rejectWith: 440 }, 200, { rejectWith: 440 }],
      [
        'onezone/tokens',
        { name: 'root', kind: 'root' },
        201,
        { name: 'root', token: expect.any(String) as string },
      ],
      [
        'onezone/tokens/privileges',
        { name: 'root', privileged: false },
        200,
        { name: 'root', privileged: false },
      ],
      ['onezone/tokens/revoke', { name: 'root' }, 200, { name: 'root', revoked: true }],
      ['onezone/errors', { wrapped: false }, 200, { wrapped: false }],
      ['f5-xc/failures', { names: ['a'], times: 2 }, 200, { failing: { a: 2 } }],
      ['f5-xc/failures', { names: ['a'], times: 0 }, 200, { failing: {} }],
      ['f5-xc/removal', { afterMs: 5 }, 200, { afterMs: 5 }],
    ];
    for (const [path, body, status, answer] of steps)
      expect(seen(await server.post(`/_emulator/${path}`, body))).toEqual({ status, body: answer });
    const expiry = '2026-12-31T00:00:00.000Z';
    const creation = { names: ['a'], type: 'KUBE_CONFIG', expiry };
    expect(seen(await server.post('/_emulator/f5-xc/credentials', creation))).toEqual({
      status: 201,
      body: { items: [{ name: 'a', type: 'KUBE_CONFIG', expiry, token: expect.any(String) as string }] },
    });
    expect(server.emulator.state()).toMatchObject({
      rejectWith: 440,
      onezone: {
        tokens: { root: { kind: 'root', providerId: 'provider-1', privileged: false, revoked: true } },
        errorsWrapped: false,
      },
      f5Xc: { credentials: { listed: 1 }, removalMs: 5 },
    });
    await server.post('/_emulator/reset', '');
    expect(server.emulator.state()).toMatchObject({
      rejectWith: null,
      onezone: { tokens: {}, errorsWrapped: true },
      f5Xc: { credentials: { listed: 0 }, removalMs: 60_000 },
    });
  });

  it.each([
    ['/_emulator/ingestion', 'not json', 'the body must be a JSON object with rejectWith'],
    ['/_emulator/ingestion', { rejectWith: 404 }, 'rejectWith must be one of 401, 403, 440, null'],
    ['/_emulator/vcf-logs/tokens/revoke', {}, 'give one of token and name'],
    ['/_emulator/vcf-logs/tokens/life', { name: 'a', maxMs: 0 }, 'maxMs must be a whole number from 1'],
    ['/_emulator/onezone/tokens', {}, 'name must be a non-empty text'],
    ['/_emulator/onezone/tokens', { name: 'a', provider: 'b' }, 'provider is not a field of this command'],
    ['/_emulator/onezone/tokens/revoke', { name: 'a' }, 'there is no Onezone token'],
    ['/_emulator/f5-xc/credentials', {}, 'give either names, or prefix and count'],
    ['/_emulator/f5-xc/credentials', { names: ['a'], count: 2 }, 'give either names, or prefix and count'],
    ['/_emulator/f5-xc/credentials', { names: ['a', 'a'] }, 'a credential "a" already exists'],
    ['/_emulator/f5-xc/credentials', { names: ['a'], expiry: 'soon' }, 'expiry must be a time'],
    ['/_emulator/f5-xc/failures', { names: ['a'], times: -1 }, 'times must be a whole number from 0'],
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

  it('is told whole on its page', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/emulator.md'), 'utf8');
    const paths = (await server.get('/_emulator/')).text.match(/\/_emulator\/[\w/-]+/g) ?? [];
    expect(paths.length).toBeGreaterThan(10);
    expect([...paths, ...endpoints].filter((name) => !page.includes(`${name}\``))).toEqual([]);
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
