import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AlertReceiver, isSigned } from '../../support/alert-receiver.ts';
import { Alertmanager } from '../../support/alertmanager.ts';
import type { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeTime } from '../../support/fake-time.ts';
import { freePort } from '../../support/free-port.ts';
import { Haystack } from '../../support/haystack.ts';
import { Installation } from '../../support/installation.ts';
import { describePart } from '../../support/parts.ts';
import { askForToken, ingestion, metric, report, revokeSecret, served } from './site.ts';

/** The secret of an agent is revoked: no token comes any more, and the one that is there is good to its end. */

const code = 'SECRET_REVOKED';
const hmacKey = 'the key of the tests';
const revoked = { state: 'revoked', token: { status: 'valid' }, secret: { status: 'refused' } };

/** The server revokes the secret, and the daemon learns it with the exchange that somebody asks for. */
async function revoke(site: Installation, admin: string): Promise<void> {
  await revokeSecret(site, site.agent, admin);
  expect((await site.cli(['refresh', site.agent])).exitCode).toBe(77);
}

async function administrator(site: Installation): Promise<string> {
  return (await readFile(site.adminTokenFile, 'utf8')).trim();
}

/** Each brings a new secret of the server to a daemon that runs. */
const enrolments: Readonly<Record<string, (site: Installation) => Promise<void>>> = {
  'tokenward enroll': async (site) => {
    const args = ['enroll', site.agent, '--admin-token-file', site.adminTokenFile];
    expect(await site.cli(args)).toMatchObject({ exitCode: 0 });
  },
  'tokenward import': async (site) => void (await site.provision()),
  'PUT …/secret': async (site) => {
    const secret = site.emulator.createSecret(site.agent);
    const path = `/v1/agents/${site.agent}/secret`;
    const answer = await site.ask(path, ['-X', 'PUT', '--data-binary', '@-'], { stdin: secret });
    expect(answer).toMatchObject({ status: 202 });
  },
};

/** Milliseconds from the hand-over to the token, by the daemon's own log; of the newest of each. */
function tookMs(daemon: Daemon, from: string): number {
  const [begin, end] = [from, 'token-published'].map((event) => daemon.events(event).at(-1)?.time ?? '');
  return Date.parse(end ?? '') - Date.parse(begin ?? '');
}

describePart(['curl', 'prometheus-alertmanager'], 'a secret that is revoked while the daemon runs', () => {
  it('is told at once, costs no shipper anything, and is over with a new one, whoever brings it', async () => {
    const [hook, port] = [await AlertReceiver.listening(), await freePort()];
    await using receiver = hook;
    await using site = await Installation.create();
    const keyFile = join(site.folder, 'hmac');
    await writeFile(keyFile, `${hmacKey}\n`, { mode: 0o600 });
    const alerts = [
      { alertmanager: { url: `http://127.0.0.1:${port}` } },
      { webhook: { url: receiver.url, hmac_key_file: keyFile } },
    ];
    await site.configure({ top: { alerts } });
    await using alertmanager = await Alertmanager.start(site.folder, port);
    await eventually(() => alertmanager.known(site.agent, code), { withinMs: 20_000 });
    const told = () => receiver.bodies.filter((body) => body['code'] === code);
    const admin = await administrator(site);
    const credentials = [admin, await site.provision()];
    const daemon = site.run();
    await site.reaches({ state: 'active' });

    const expected: string[] = [];
    for (const [name, enrol] of Object.entries(enrolments)) {
      const token = await site.token();
      credentials.push(token);
      await revoke(site, admin);
      expected.push('firing');
      await eventually(() => expect(told().map(({ status }) => status)).toEqual(expected));
      await eventually(async () => expect(await alertmanager.known(site.agent, code)).toHaveLength(1));
      const status = await site.reaches(revoked);
      expect(status.token.expires_in).toBeGreaterThan(29 * 60 - 60);
      expect(status.alerts[0]?.summary).toContain(`the token is served until ${status.token.expires_at}`);
      expect((await served(site)) === token).toBe(true);
      expect((await site.readTokenFile()) === token).toBe(true);
      expect(await ingestion(site, 'vcf-logs', token)).toBe(200);

      await enrol(site);
      await site.reaches({ state: 'active', alerts: [] });
      expect(tookMs(daemon, 'hand-over-stored'), name).toBeLessThan(2_000);
      const fresh = await site.token();
      expect(fresh === token).toBe(false);
      await site.tokenFileHolds(fresh);
      expect(await ingestion(site, 'vcf-logs', fresh)).toBe(200);
      expected.push('resolved');
      await eventually(() => expect(told().map(({ status: each }) => each)).toEqual(expected));
      await eventually(async () => expect(await alertmanager.known(site.agent, code)).toEqual([]));
    }
    for (const each of receiver.received) expect(isSigned(each, hmacKey)).toBe(true);
    expect(told()[0]).toMatchObject({ severity: 'critical', agent: site.agent });
    expect(daemon.events('alert-firing').map((line) => line['code'])).toEqual([code, code, code]);

    const haystack = new Haystack();
    haystack.add('log', daemon.output);
    haystack.add('alerts', receiver.received.map(({ body }) => body).join('\n'));
    haystack.add('status', JSON.stringify(await site.client.statuses()));
    haystack.add('metrics', (await site.ask('/metrics')).body);
    expect(haystack.find(credentials)).toEqual([]);
  });
});

describePart(['faketime'], 'the token of a secret that is revoked', () => {
  it('works to its last second, and no longer', async () => {
    let aheadMs = 0;
    await using site = await Installation.create({ emulator: { clock: () => Date.now() + aheadMs } });
    const time = await FakeTime.in(site.folder, { moves: 'all' });
    const jumpTo = async (seconds: number) => {
      aheadMs = seconds * 1_000;
      await time.set(seconds);
    };
    const secret = await site.provision();
    const daemon = site.run({ env: { ...site.env, ...time.env } });
    await site.reaches({ state: 'active' });
    const token = await site.token();
    await revokeSecret(site, site.agent, await administrator(site));

    // its own refresh finds it
    await jumpTo(28 * 60);
    await site.reaches(revoked);
    const tries = site.exchanges;
    // a shipper that is refused for another reason hastens nothing
    expect(await report(site, token)).toEqual({ agent: site.agent, sequence: 1, matches: true });
    await jumpTo(30 * 60 - 20);
    const status = await site.reaches(revoked);
    expect(status.token.expires_in).toBeGreaterThan(0);
    expect(status.token.expires_in).toBeLessThan(20);
    expect((await served(site)) === token).toBe(true);
    expect(await ingestion(site, 'vcf-logs', token)).toBe(200);
    expect(await metric(site, `tokenward_token_valid{agent="${site.agent}"}`)).toBe(1);
    const expiry = await metric(site, `tokenward_token_expiry_timestamp_seconds{agent="${site.agent}"}`);
    expect(expiry * 1_000 - (Date.now() + aheadMs)).toBeLessThan(21_000);

    await jumpTo(30 * 60 - 2);
    await eventually(async () => expect(await served(site)).toBeNull());
    expect(Date.now() + aheadMs).toBeGreaterThan(Date.parse(status.token.expires_at ?? '') - 1_000);
    await eventually(async () => expect(await ingestion(site, 'vcf-logs', token)).toBe(401));
    const { body } = await askForToken(site);
    expect(JSON.parse(body)).toMatchObject({ status: 503, code });
    await site.reaches({ state: 'revoked', token: { status: 'expired' }, secret: { status: 'refused' } });
    expect(await metric(site, `tokenward_token_valid{agent="${site.agent}"}`)).toBe(0);
    // a bare file has no end written in it: it stays
    expect((await site.readTokenFile()) === token).toBe(true);
    expect(site.exchanges, 'not more often than every five minutes').toBe(tries);
    expect(daemon.output.includes(secret) || daemon.output.includes(token)).toBe(false);
  });
});

describe('a secret that is revoked while the daemon is stopped', () => {
  it('leaves the stored token in service, is found by the next exchange, and is over with a dropped secret', async () => {
    await using site = await Installation.create();
    const dropped = join(site.folder, 'dropped');
    await site.configure({ agent: { secret_file: dropped } });
    await site.provision();
    await site.run().started();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    await site.daemons[0]!.end('SIGKILL');
    await revokeSecret(site, site.agent, await administrator(site));

    await site.run().started();
    expect((await served(site)) === token).toBe(true);
    expect(site.exchanges).toBe(1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(77);
    await site.reaches({ ...revoked, alerts: [{ code, severity: 'critical' }] });
    const tries = site.exchanges;

    // that it is refused is remembered, and not asked again
    await site.daemons[1]!.end('SIGKILL');
    const daemon = site.run();
    await daemon.started();
    await site.reaches({ ...revoked, alerts: [{ code, severity: 'critical' }] });
    expect((await served(site)) === token).toBe(true);
    expect(site.exchanges).toBe(tries);

    const from = performance.now();
    await writeFile(`${dropped}.new`, site.emulator.createSecret(site.agent), { mode: 0o600 });
    await rename(`${dropped}.new`, dropped);
    await site.reaches({ state: 'active', alerts: [], token: { sequence: 2 } });
    expect(performance.now() - from).toBeLessThan(2_000);
    await daemon.logged('alert-resolved', { code });
    expect(await ingestion(site, 'vcf-logs', await site.token())).toBe(200);
  });
});
