import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FakeTime } from '../../support/fake-time.ts';
import { Installation } from '../../support/installation.ts';
import { describePart } from '../../support/parts.ts';
import { ingestion, metric, rejections, report, revokeCredentials, served } from './site.ts';

/** The credential itself is revoked or ends: nothing works any more until a person brings another one. */

const probe = { path: '/api/web/namespaces/system/api_credentials', every: '10s' };
const month = 30 * 24 * 60 * 60_000;
const dead = {
  state: 'revoked',
  token: { status: 'rejected' },
  secret: { status: 'refused' },
  alerts: [{ code: 'SECRET_REVOKED', severity: 'critical' }],
};

async function configureUntil(site: Installation, endMs: number): Promise<void> {
  const expires_at = new Date(endMs).toISOString();
  await site.configure({ agent: { provider: 'f5-xc', ttl: undefined, probe, expires_at } });
}

/** Imports a new credential of this name, and resolves to its text when it is served. */
async function brought(site: Installation, name: string): Promise<string> {
  const [created] = site.emulator.f5Xc.createCredentials([name]);
  const text = created?.token ?? '';
  expect(await site.cli(['import', site.agent], { stdin: text })).toMatchObject({ exitCode: 0 });
  await eventually(async () => expect((await served(site)) === text).toBe(true), { withinMs: 20_000 });
  await site.reaches({ state: 'active', token: { status: 'valid' }, alerts: [] });
  expect(await ingestion(site, 'f5-xc', text)).toBe(200);
  return text;
}

async function administrator(site: Installation): Promise<string> {
  return (await readFile(site.adminTokenFile, 'utf8')).trim();
}

/** Neither the socket nor the server has a use for it any more. */
async function isDead(site: Installation, text: string): Promise<void> {
  await site.reaches(dead);
  expect(await served(site)).toBeNull();
  expect(await ingestion(site, 'f5-xc', text)).toBe(401);
  expect(await metric(site, `tokenward_token_valid{agent="${site.agent}"}`)).toBe(0);
}

describePart(['faketime'], 'a credential that is revoked while the daemon runs', () => {
  it('is found by the probe or by a report, served no more, and replaced by a new one only', async () => {
    await using site = await Installation.create();
    const time = await FakeTime.in(site.folder, { moves: 'all' });
    await configureUntil(site, Date.now() + month);
    const daemon = site.run({ env: { ...site.env, ...time.env } });
    await daemon.started();
    const admin = await administrator(site);
    const first = await brought(site, 'first');
    await revokeCredentials(site, ['first'], admin);
    await time.set(11);
    await isDead(site, first);
    // the file stays by default
    expect((await site.readTokenFile()) === first).toBe(true);
    expect(await rejections(site, 'revoked')).toBe(1);
    await daemon.logged('token-withdrawn', { files: 'keep' });

    const second = await brought(site, 'second');
    await site.tokenFileHolds(second);
    await revokeCredentials(site, ['second'], admin);
    const from = performance.now();
    expect(await report(site, second)).toMatchObject({ matches: true });
    await eventually(async () => expect(await served(site)).toBeNull());
    expect(performance.now() - from).toBeLessThan(2_000);
    await isDead(site, second);

    await daemon.end('SIGKILL');
    const successor = site.run();
    await successor.started();
    await isDead(site, second);
    const third = await brought(site, 'third');
    await successor.logged('alert-resolved', { code: 'SECRET_REVOKED' });
    const logs = daemon.output + successor.output;
    expect([first, second, third].some((text) => logs.includes(text))).toBe(false);
  });
});

describe('a credential that is revoked while the daemon is stopped', () => {
  it('is never served: what is stored is proved first', async () => {
    await using site = await Installation.create();
    await configureUntil(site, Date.now() + month);
    await site.run().started();
    const first = await brought(site, 'first');
    await site.daemons[0]!.end('SIGKILL');
    await revokeCredentials(site, ['first'], await administrator(site));
    const daemon = site.run();
    await daemon.started();
    const seen = new Set<string | null>();
    await eventually(
      async () => {
        seen.add(await served(site));
        expect(await site.client.status(site.agent)).toMatchObject(dead);
      },
      { withinMs: 20_000 },
    );
    expect(seen).toEqual(new Set([null]));
    await isDead(site, first);
    await brought(site, 'second');
  });
});

describe('a credential that ends', () => {
  it('is announced, served to its end, and replaced by one with another end', async () => {
    await using site = await Installation.create();
    await configureUntil(site, Date.now() + month);
    const daemon = site.run();
    await daemon.started();
    const first = await brought(site, 'first');
    const endMs = Date.now() + 4_000;
    await configureUntil(site, endMs);
    await site.reaches({ token: { status: 'valid' }, alerts: [{ code: 'TOKEN_EXPIRING' }] });
    expect((await served(site)) === first).toBe(true);
    await eventually(async () => expect(await served(site)).toBeNull(), { withinMs: 8_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(endMs);
    await site.reaches({
      token: { status: 'expired' },
      alerts: [{ code: 'TOKEN_EXPIRING', severity: 'critical' }],
    });
    await configureUntil(site, Date.now() + month);
    await brought(site, 'second');
    await daemon.logged('alert-resolved', { code: 'TOKEN_EXPIRING', severity: 'critical' });
  });
});
