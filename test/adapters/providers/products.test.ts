import { describe, expect, it } from 'vitest';
import type { ProbeVerdict } from '../../../src/domain/probe.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import { createProvider, providerNames } from '../../../src/providers/registry.ts';
import { type Reply, startLocalServer } from './local-server.ts';

const secret = new Secret('the-secret');
const token = new Secret('the-token');
const { signal } = new AbortController();
const ttlMs = 3_600_000;

async function exchange(provider: Provider, given = secret, ttl = ttlMs) {
  const connection = await provider.connect(signal);
  return provider.interpret(
    'kind' in connection ? connection : await connection.exchange(given, ttl, signal),
  );
}

describe('the onezone provider', () => {
  it('asks for a temporary token that lives as long as was asked for, to the second above', async () => {
    await using server = await startLocalServer();
    server.answer({ status: 201, body: '{"token":"the-token"}' });
    const outcome = await exchange(createProvider('onezone', server));
    expect(outcome).toMatchObject({ kind: 'granted', ttlMs: null, newSecret: null });
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/base/api/v3/onezone/provider/tokens/temporary',
      headers: { 'x-auth-token': 'the-secret', 'content-type': 'application/json' },
    });
    expect(request?.headers['authorization']).toBeUndefined();
    expect(JSON.parse(request?.body ?? '')).toEqual({
      type: { accessToken: {} },
      caveats: [{ type: 'time', validUntil: Date.parse('2026-02-03T11:00:01Z') / 1000 }],
    });
  });

  it('asks for half an hour where no ttl is', async () => {
    await using server = await startLocalServer();
    await exchange(createProvider('onezone', server), secret, 0);
    expect(server.requests[0]?.body).toContain(`${Date.parse('2026-02-03T10:30:01Z') / 1000}`);
  });

  it('is refused by the words of Onezone', async () => {
    await using server = await startLocalServer();
    server.answer({ status: 401, body: '{"error":{"id":"tokenRevoked"}}' });
    expect(await exchange(createProvider('onezone', server))).toEqual({
      kind: 'refused',
      detail: 'the server answered 401 tokenRevoked',
    });
  });
});

describe('the f5-xc provider', () => {
  it('shows the credential to the server, and that is all', async () => {
    await using server = await startLocalServer({
      tokenHeader: { name: 'Authorization', scheme: 'APIToken' },
    });
    expect(await exchange(createProvider('f5-xc', server))).toEqual({
      kind: 'granted',
      token: null,
      ttlMs: null,
      newSecret: null,
    });
    expect(server.requests).toMatchObject([
      {
        method: 'GET',
        path: '/base/probe?a=b',
        headers: { authorization: 'APIToken the-secret' },
        body: '',
      },
    ]);
  });

  it('takes a long answer for what its status says', async () => {
    await using server = await startLocalServer();
    server.answer({ status: 200, body: JSON.stringify('x'.repeat(1_000_000)) });
    expect(await exchange(createProvider('f5-xc', server))).toMatchObject({ kind: 'granted' });
  });

  it('needs to know what it may ask for', async () => {
    await using server = await startLocalServer({ probe: null });
    expect(() => createProvider('f5-xc', server)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });
});

describe.each(['onezone', 'f5-xc'])('%s', (name) => {
  it('does not send a secret that no header can carry, and does not show it', async () => {
    await using server = await startLocalServer();
    const outcome = await exchange(createProvider(name, server), new Secret('my se\u00e9cret'));
    expect(outcome).toMatchObject({ kind: 'not-sent', code: 'SECRET_INPUT_INVALID' });
    expect(JSON.stringify(outcome)).not.toContain('my se');
    expect(server.requests).toEqual([]);
  });

  it('is in doubt where the connection ends without an answer', async () => {
    await using server = await startLocalServer();
    server.answer(null);
    expect(await exchange(createProvider(name, server))).toMatchObject({ kind: 'in-doubt' });
  });
});

describe.each(providerNames)('the probe of %s', (name) => {
  const html = '<html>the-token</html>';
  const rejected = { kind: 'rejected' } as const;
  const misconfigured = { kind: 'unknown', code: 'SERVER_MISCONFIGURED' } as const;
  const trouble = { kind: 'unknown', code: 'SERVER_TROUBLE' } as const;
  const isF5 = name === 'f5-xc';

  it.each<[string, Reply | null, Partial<ProbeVerdict>]>([
    ['200', { status: 200 }, { kind: 'works' }],
    ['204', { status: 204 }, { kind: 'works' }],
    ['200, and much of it', { status: 200, body: 'x'.repeat(100_000) }, { kind: 'works' }],
    ['200 with a login page', { status: 200, body: html }, misconfigured],
    ['401', { status: 401, body: '"the-token is bad"' }, rejected],
    ['401 in HTML', { status: 401, body: html }, rejected],
    ['403', { status: 403, body: '"the-token is bad"' }, isF5 ? { kind: 'forbidden' } : rejected],
    ['403 of a firewall', { status: 403, body: html }, misconfigured],
    ['440', { status: 440 }, isF5 ? misconfigured : rejected],
    ['302', { status: 302, headers: { location: '/the-token' } }, misconfigured],
    ['404', { status: 404 }, misconfigured],
    ['429', { status: 429 }, { kind: 'unknown', code: 'SERVER_RATE_LIMITED' }],
    ['500', { status: 500, body: 'the-token' }, trouble],
    ['no answer', null, trouble],
  ])('takes %s for what it is', async (_case, reply, expected) => {
    await using server = await startLocalServer();
    server.answer(reply);
    const verdict = await createProvider(name, server).probe?.(token, signal);
    expect(verdict).toMatchObject(expected);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/base/probe?a=b' });
    expect(server.requests[0]?.headers['x-own']).toBe('the-token');
    expect(JSON.stringify(verdict)).not.toContain('the-token');
  });

  it('learns nothing where the server is away, the time is over, or no header carries the token', async () => {
    const server = await startLocalServer();
    const provider = createProvider(name, server);
    const kind = 'unknown';
    expect(await provider.probe?.(token, AbortSignal.abort())).toMatchObject({ kind });
    expect(await provider.probe?.(new Secret('a b'), signal)).toMatchObject({
      kind,
      code: 'SERVER_MISCONFIGURED',
    });
    await server[Symbol.asyncDispose]();
    expect(await provider.probe?.(token, signal)).toMatchObject({ kind, code: 'SERVER_UNREACHABLE' });
    expect(server.requests).toEqual([]);
  });
});

it.each(['vcf-logs', 'onezone'])('%s has no probe where none is configured', async (name) => {
  await using server = await startLocalServer({ probe: null });
  expect('probe' in createProvider(name, server)).toBe(false);
});
