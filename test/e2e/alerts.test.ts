import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AlertReceiver, isSigned } from '../support/alert-receiver.ts';
import { Alertmanager } from '../support/alertmanager.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { Installation } from '../support/installation.ts';
import { describePart } from '../support/parts.ts';

/** Alerts on their way out of a real daemon, to receivers that are away, come back, and outlive it. */

const code = 'SECRET_REVOKED';

/** A daemon with a token, whose next exchange will be refused. */
async function siteWith(alerts: (folder: string) => readonly object[]): Promise<Installation> {
  const site = await Installation.create();
  await site.configure({ top: { alerts: alerts(site.folder) } });
  await site.provision();
  await site.run().started();
  await site.reaches({ state: 'active' });
  return site;
}

async function revoke(site: Installation): Promise<void> {
  site.emulator.revoke(site.agent);
  expect((await site.cli(['refresh', site.agent])).exitCode).toBe(77);
}

describe('a webhook', () => {
  it('that is down hears of an alert when it is up again, signed; once, whatever restarts; and of its end', async () => {
    const port = await freePort();
    const webhook = (folder: string) => ({
      webhook: { url: `http://127.0.0.1:${port}/hook`, hmac_key_file: join(folder, 'hmac') },
    });
    await using site = await siteWith((folder) => [webhook(folder)]);
    await writeFile(join(site.folder, 'hmac'), 'the key of the tests\n', { mode: 0o600 });
    await revoke(site);
    await site.daemons[0]!.logged('alert-channel-failed', { channel: `webhook 127.0.0.1:${port}` });
    await using receiver = await AlertReceiver.listening(port);
    const told = () => receiver.bodies.filter((body) => body['code'] === code).map(({ status }) => status);
    await eventually(() => expect(told()).toEqual(['firing']), { withinMs: 20_000 });
    for (const each of receiver.received) expect(isSigned(each, 'the key of the tests')).toBe(true);
    expect((await site.ask('/metrics')).body).toMatch(
      /^tokenward_alert_deliveries_total\{channel="webhook [^"]+",outcome="delivered"\} [1-9]/m,
    );

    // a channel that a reload brings hears of what stands
    const noted = join(site.folder, 'noted');
    const note = { exec: ['/bin/sh', '-c', 'cat >> "$1"', 'note', noted] };
    await site.configure({ top: { alerts: [webhook(site.folder), note] } });
    await eventually(async () => expect(await readFile(noted, 'utf8')).toContain(`"code":"${code}"`));

    await site.daemons[0]!.end();
    const remembered = join(site.stateDir, 'alerts.json');
    expect((await stat(remembered)).mode & 0o777).toBe(0o600);
    const successor = site.run();
    await successor.logged('alert-firing', { code });

    await site.provision();
    await site.reaches({ state: 'active' });
    await eventually(() => expect(told()).toEqual(['firing', 'resolved']));
  });
});

describePart(['prometheus-alertmanager'], 'an Alertmanager', () => {
  it('knows an alert while it stands, by the labels that its users expect, and no longer', async () => {
    const port = await freePort();
    await using site = await siteWith(() => [{ alertmanager: { url: `http://127.0.0.1:${port}` } }]);
    await using alertmanager = await Alertmanager.start(site.folder, port);
    const known = () => alertmanager.known(site.agent, code);
    await revoke(site);
    const [alert] = await eventually(
      async () => {
        const alerts = await known();
        expect(alerts).toHaveLength(1);
        return alerts;
      },
      { withinMs: 20_000 },
    );
    expect(alert).toMatchObject({
      labels: { alertname: code, job: 'tokenward', agent: site.agent, code, severity: 'critical' },
      annotations: { runbook_url: 'docs/runbooks.md#secret_revoked' },
      status: { state: 'active' },
    });
    await site.provision();
    await site.reaches({ state: 'active' });
    await eventually(async () => expect(await known()).toEqual([]));
  });
});
