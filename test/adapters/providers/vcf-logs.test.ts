import { describe, expect, it } from 'vitest';
import type { Answer, Outcome } from '../../../src/domain/outcome.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { Fault } from '../../../src/emulator/faults.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import { createProvider, providerNames } from '../../../src/providers/registry.ts';
import { startEmulatedServer } from './emulated-server.ts';

const ttlMs = 3_600_000;

/** Connects and exchanges once. */
async function exchange(provider: Provider, secret: Secret): Promise<Answer> {
  const { signal } = new AbortController();
  const connection = await provider.connect(signal);
  return 'kind' in connection ? connection : connection.exchange(secret, ttlMs, signal);
}

async function outcomeOf(provider: Provider, secret: Secret): Promise<Outcome> {
  return provider.interpret(await exchange(provider, secret));
}

describe('the vcf-logs provider', () => {
  it('rotates: each exchange gives a token and the secret for the next', async () => {
    await using server = await startEmulatedServer();
    const provider = createProvider('vcf-logs', server);
    expect(provider).toMatchObject({ name: 'vcf-logs', capabilities: { exchange: true, rotates: true } });
    let secret = new Secret(server.emulator.createSecret('web-01'));
    for (let round = 1; round <= 3; round += 1) {
      const outcome = await outcomeOf(provider, secret);
      if (outcome.kind !== 'granted' || outcome.newSecret === null)
        throw new Error(`round ${round}: ${outcome.kind}`);
      expect(outcome.ttlMs).toBe(ttlMs);
      expect(server.emulator.honours(secret.reveal())).toBe(false);
      secret = outcome.newSecret.text;
      expect(server.emulator.honours(secret.reveal())).toBe(true);
    }
  });

  it('is refused with a secret that is wrong, spent or revoked', async () => {
    await using server = await startEmulatedServer();
    const provider = createProvider('vcf-logs', server);
    const first = new Secret(server.emulator.createSecret('web-01'));
    const refused = { kind: 'refused', detail: 'the server answered 400 AGENT_ERROR' };
    expect(await outcomeOf(provider, new Secret('wrong'))).toEqual(refused);
    const granted = await outcomeOf(provider, first);
    expect(await outcomeOf(provider, first)).toEqual(refused);
    server.emulator.revoke('web-01');
    if (granted.kind === 'granted' && granted.newSecret !== null)
      expect(await outcomeOf(provider, granted.newSecret.text)).toEqual(refused);
  });

  it('can be closed without an exchange', async () => {
    await using server = await startEmulatedServer();
    const secret = new Secret(server.emulator.createSecret('web-01'));
    const connection = await createProvider('vcf-logs', server).connect(AbortSignal.timeout(5_000));
    if ('kind' in connection) throw new Error(connection.reason);
    await connection.close();
    expect(await connection.exchange(secret, ttlMs, AbortSignal.timeout(5_000))).toMatchObject({
      kind: 'not-sent',
    });
    expect(server.emulator.honours(secret.reveal())).toBe(true);
  });

  it('says not-sent while the server is away, and the secret is as good as before', async () => {
    await using server = await startEmulatedServer();
    const provider = createProvider('vcf-logs', server);
    const secret = new Secret(server.emulator.createSecret('web-01'));
    await server.emulator.pause();
    expect(await outcomeOf(provider, secret)).toMatchObject({ kind: 'not-sent', code: 'SERVER_UNREACHABLE' });
    await server.emulator.resume();
    expect(await outcomeOf(provider, secret)).toMatchObject({ kind: 'granted' });
  });
});

describe('a fault of the server', () => {
  it.each<[string, Fault, Outcome['kind'], spent: boolean]>([
    ['reset before commit', { kind: 'reset' }, 'in-doubt', false],
    ['reset after commit', { kind: 'reset', when: 'after-commit' }, 'in-doubt', true],
    ['no answer', { kind: 'hang', when: 'after-commit' }, 'in-doubt', true],
    ['an answer cut off', { kind: 'truncated' }, 'in-doubt', true],
    ['an answer cut off before its body', { kind: 'truncated', keepBytes: 0 }, 'in-doubt', true],
    ['garbage', { kind: 'garbage' }, 'in-doubt', true],
    ['too large an answer', { kind: 'oversized' }, 'in-doubt', true],
    ['500', { kind: 'status', status: 500 }, 'in-doubt', false],
    [
      '502 in HTML after commit',
      { kind: 'status', status: 502, body: 'html', when: 'after-commit' },
      'in-doubt',
      true,
    ],
    ['the page of a firewall', { kind: 'status', status: 403, body: 'firewall' }, 'in-doubt', false],
    ['a redirect', { kind: 'redirect', location: 'https://elsewhere.example.com/' }, 'misconfigured', false],
    ['404 with nothing', { kind: 'status', status: 404, body: 'empty' }, 'misconfigured', false],
    ['404 in HTML', { kind: 'status', status: 404, body: 'html' }, 'in-doubt', false],
    ['LICENSE_ERROR', { kind: 'status', status: 400, errorCode: 'LICENSE_ERROR' }, 'server-trouble', false],
    ['too many requests', { kind: 'rate-limited', retryAfterSeconds: 7 }, 'rate-limited', false],
    [
      'too many requests, with a date',
      { kind: 'rate-limited', retryAfterSeconds: 7, retryAfterForm: 'date' },
      'rate-limited',
      false,
    ],
  ])('%s', async (_case, fault, kind, spent) => {
    await using server = await startEmulatedServer();
    const secret = server.emulator.createSecret('web-01');
    server.emulator.addFault({ ...fault, endpoint: 'exchange' });
    const outcome = await outcomeOf(createProvider('vcf-logs', server), new Secret(secret));
    expect(outcome.kind).toBe(kind);
    expect(server.emulator.honours(secret)).toBe(!spent);
    if (kind === 'rate-limited') expect(outcome).toMatchObject({ retryAfterMs: 7_000 });
    expect(JSON.stringify(outcome)).not.toContain(secret);
  });

  it('that comes late is harmless when the answer does', async () => {
    await using server = await startEmulatedServer();
    const secret = new Secret(server.emulator.createSecret('web-01'));
    server.emulator.addFault({ kind: 'latency', latencyMs: 100 });
    expect(await outcomeOf(createProvider('vcf-logs', server), secret)).toMatchObject({ kind: 'granted' });
  });
});

describe('the registry', () => {
  it('knows the providers by name', async () => {
    await using server = await startEmulatedServer();
    expect(providerNames).toEqual(['vcf-logs', 'onezone', 'f5-xc']);
    expect(() => createProvider('splunk', server)).toThrow(
      /splunk is not known: set provider to vcf-logs or onezone or f5-xc/,
    );
    expect(() => createProvider('toString', server)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });
});
