import { access } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import {
  askForToken,
  ingestion,
  rejections,
  report,
  reportBody,
  reportPath,
  revokeTemporaryTokens,
  served,
} from './site.ts';

/** All temporary tokens of a provider are revoked: the served one is dead at once, and its lasting token makes another. */

const probe = { path: '/api/v3/onezone/provider', every: '5m' };

interface Begun {
  readonly site: Installation;
  /** The provider's own token. */
  readonly lasting: string;
  /** The first temporary one, which is served. */
  readonly token: string;
}

async function begun(keys: object = {}): Promise<Begun> {
  const site = await Installation.create();
  await site.configure({ agent: { provider: 'onezone', ttl: '1h', ...keys } });
  const lasting = site.emulator.onezone.createToken(site.agent);
  expect(await site.cli(['import', site.agent], { stdin: lasting })).toMatchObject({ exitCode: 0 });
  site.run();
  await site.reaches({ state: 'active', token: { sequence: 1 } });
  const token = await site.token();
  await site.tokenFileHolds(token);
  expect(await ingestion(site, 'onezone', token)).toBe(200);
  return { site, lasting, token };
}

function issued({ emulator }: Installation): number {
  return emulator.state().onezone.temporary.issued;
}

/** The token of this number, which the server takes, while it takes the one before no more. */
async function isReplaced(site: Installation, before: string, sequence: number): Promise<string> {
  await site.reaches({ state: 'active', token: { sequence } });
  const fresh = await site.token();
  await site.tokenFileHolds(fresh);
  expect(await ingestion(site, 'onezone', fresh)).toBe(200);
  expect(await ingestion(site, 'onezone', before)).toBe(401);
  return fresh;
}

/** Resolves to the statuses of as many reports at once, over connections that are kept open. */
async function crowd(site: Installation, token: string, count: number): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const body = reportBody(token);
  const one = () =>
    new Promise<number>((resolve, reject) => {
      const options = { socketPath: site.socketPath, path: reportPath(site), method: 'POST', agent };
      const outgoing = request(options, (incoming) => {
        incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  try {
    return await Promise.all(Array.from({ length: count }, one));
  } finally {
    agent.destroy();
  }
}

describe('temporary tokens that are revoked while the daemon runs', () => {
  it('are replaced by one exchange within two seconds, however many shippers report it', async () => {
    const { site, lasting, token } = await begun();
    await using _ = site;
    await revokeTemporaryTokens(site, lasting);
    expect(await ingestion(site, 'onezone', token)).toBe(401);
    expect(new Set(await crowd(site, token, 1_000))).toEqual(new Set([202]));
    const second = await isReplaced(site, token, 2);
    const [daemon] = site.daemons;
    const [reported, replaced] = ['token-reported', 'token-replaced'].map((event) => daemon!.events(event));
    expect([reported?.length, replaced?.length]).toEqual([1, 1]);
    expect(Date.parse(replaced![0]!.time) - Date.parse(reported![0]!.time)).toBeLessThan(2_000);
    expect(daemon!.events('token-rejection-reported').length, 'lines of a crowd').toBeLessThan(20);

    // who still has the old one is told to fetch the new one
    expect(await report(site, token)).toMatchObject({ sequence: 2, matches: false });
    expect(issued(site)).toBe(2);
    await site.reaches({ alerts: [{ code: 'TOKEN_REVOKED', severity: 'warning' }] });

    // whoever revoked them says so, and is believed
    await revokeTemporaryTokens(site, lasting);
    expect(await report(site, second, 401, true)).toMatchObject({ sequence: 2, matches: true });
    await isReplaced(site, second, 3);
    expect(issued(site)).toBe(3);
    expect(await rejections(site, 'replaced')).toBe(2);
  });

  it('are withdrawn before another one is there, where a probe confirms it', async () => {
    const { site, lasting, token } = await begun({ probe, on_invalid: 'remove' });
    await using _ = site;
    const slow = { kind: 'latency', endpoint: 'onezone-issue', latencyMs: 500 } as const;
    site.emulator.addFault(slow);
    await revokeTemporaryTokens(site, lasting);
    const from = performance.now();
    await report(site, token);
    await eventually(async () => expect(await served(site)).toBeNull());
    expect(issued(site)).toBe(1);
    await eventually(() => expect(access(site.tokenFile)).rejects.toMatchObject({ code: 'ENOENT' }));
    expect(JSON.parse((await askForToken(site)).body)).toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
    await eventually(async () => expect(await served(site)).not.toBeNull());
    expect(performance.now() - from).toBeLessThan(2_000);
    const second = await isReplaced(site, token, 2);
    const [daemon] = site.daemons;
    for (const event of ['token-reported', 'token-revoked', 'token-replaced', 'token-withdrawn'])
      expect(daemon!.events(event), event).toHaveLength(1);
    expect(daemon!.events('token-withdrawn')).toMatchObject([{ sequence: 1, files: 'remove' }]);
    expect(daemon!.events('token-rejection-reported')).toMatchObject([{ status: 401, matches: true }]);
    for (const result of ['reported', 'revoked', 'replaced'])
      expect(await rejections(site, result), result).toBe(1);
    expect([lasting, token, second].some((text) => daemon!.output.includes(text))).toBe(false);
  });
});

describe('temporary tokens that are revoked while the daemon is stopped', () => {
  it.each([
    ['by a probe', { probe }],
    ['by an exchange, where there is no probe', {}],
  ])('are never served: what is stored is proved first, %s', async (_way, keys) => {
    const { site, lasting, token } = await begun(keys);
    await using _ = site;
    await site.daemons[0]!.end('SIGKILL');
    await revokeTemporaryTokens(site, lasting);
    await site.emulator.pause();
    const daemon = site.run();
    await daemon.started();
    await site.reaches({ state: 'acquiring', token: { status: 'none' } });
    expect(await served(site)).toBeNull();
    const seen = new Set<string | null>();
    await site.emulator.resume();
    await eventually(
      async () => {
        seen.add(await served(site));
        expect(seen.size).toBe(2);
      },
      { withinMs: 20_000 },
    );
    expect(seen.has(token)).toBe(false);
    await isReplaced(site, token, 2);
    expect(issued(site)).toBe(2);
  });
});

describe('a token that the server rejects for want of a permission', () => {
  it('is replaced once, and then served on: no other one would be better', async () => {
    const { site, token } = await begun();
    await using _ = site;
    site.emulator.rejectIngestion(403);
    expect(await ingestion(site, 'onezone', token)).toBe(403);
    await report(site, token, 403);
    await site.reaches({ token: { sequence: 2 } });
    const second = await site.token();
    expect(await ingestion(site, 'onezone', second)).toBe(403);
    await crowd(site, second, 100);
    const status = await site.reaches({ state: 'active', token: { status: 'valid', sequence: 2 } });
    expect(status.alerts.map(({ code }) => code)).toContain('TOKEN_REJECTED');
    const pauseMs = Date.parse(status.next_refresh_at ?? '') - Date.now();
    expect(pauseMs).toBeGreaterThan(30_000);
    expect(pauseMs).toBeLessThan(62_000);
    expect((await served(site)) === second).toBe(true);
    expect(issued(site)).toBe(2);
  });
});
