import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../../src/emulator/start-emulator.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation, type ConfigOverrides } from '../../support/installation.ts';
import { throwAwayTls } from '../../support/throw-away-tls.ts';

/** A changed configuration under a running daemon: what it reaches, and what it leaves alone. */

const inTwoMinutes = { agent: { ttl: '2m' } };

async function withDaemon(config: ConfigOverrides = {}): Promise<Installation> {
  const site = await Installation.create({ config });
  await site.provision();
  site.run();
  await site.reaches({ state: 'active' });
  return site;
}

async function reload(site: Installation, config: ConfigOverrides, event = 'config-reloaded') {
  const daemon = site.daemons.at(-1)!;
  const before = daemon.events(event).length;
  await site.configure(config);
  daemon.signal('SIGHUP');
  return eventually(
    () => {
      const lines = daemon.events(event);
      expect(lines.length, daemon.output).toBeGreaterThan(before);
      return lines.at(-1)!;
    },
    { withinMs: 20_000 },
  );
}

const lifeOf = async (site: Installation, agent = site.agent) =>
  (await site.client.status(agent)).token.expires_in ?? 0;

describe('a reload', () => {
  it('is what every new exchange goes by, once it is acknowledged', async () => {
    await using site = await withDaemon();
    expect(await lifeOf(site)).toBeGreaterThan(1700);
    expect(await reload(site, inTwoMinutes)).toMatchObject({
      cause: expect.stringMatching(/^(signal|file)$/) as string,
      added: [],
      changed: ['web-01'],
      removed: [],
    });
    // no exchange for its own sake
    expect(site.exchanges).toBe(1);
    const { body } = await site.ask('/metrics');
    expect(body).toMatch(/^tokenward_config_reloads_total\{result="applied"\} 1$/m);
    expect(body).toMatch(/^tokenward_config_last_reload_successful 1$/m);
    await site.client.refresh('web-01');
    expect(await lifeOf(site)).toBeLessThanOrEqual(120);
  });

  it('lets an exchange under way end by the old values, and says so only then', async () => {
    await using site = await withDaemon();
    site.emulator.addFault({ kind: 'latency', latencyMs: 1500 });
    const refreshed = site.client.refresh('web-01');
    await eventually(() => expect(site.exchanges).toBe(2));
    await reload(site, inTwoMinutes);
    // the server has answered the one that was under way
    expect(site.emulator.state().secrets).toMatchObject({ 'web-01': { generation: 2 } });
    await refreshed;
    expect(await lifeOf(site)).toBeGreaterThan(1700);
    site.emulator.clearFaults();
    await site.client.refresh('web-01');
    expect(await lifeOf(site)).toBeLessThanOrEqual(120);
  });

  it('adds, changes and removes agents, and the others keep their tokens', async () => {
    await using site = await withDaemon({ agents: { 'web-02': {}, 'web-03': {} } });
    for (const agent of ['web-02', 'web-03']) await site.provision(agent);
    for (const agent of ['web-02', 'web-03']) await site.reaches({ state: 'active' }, { agent });
    const token = await site.token('web-01');
    const removed = await site.token('web-03');
    expect((await site.ask('/metrics')).body).toContain('agent="web-03"');
    const line = await reload(site, { agents: { 'web-02': { ttl: '5m' }, 'web-04': {} } });
    expect(line).toMatchObject({ added: ['web-04'], changed: ['web-02'], removed: ['web-03'] });
    expect((await site.token('web-01')) === token).toBe(true);
    const statuses = await site.client.statuses();
    expect(statuses.map(({ agent, state }) => [agent, state])).toEqual([
      ['web-01', 'active'],
      ['web-02', 'active'],
      ['web-04', 'unprovisioned'],
    ]);
    expect((await site.ask('/v1/agents/web-03/token')).status).toBe(404);
    expect((await site.ask('/metrics')).body).not.toContain('agent="web-03"');
    await site.provision('web-04');
    await site.reaches({ state: 'active' }, { agent: 'web-04' });
    // and back again, with the session that it had
    const { total } = site.emulator.state().exchanges;
    await reload(site, { agents: { 'web-02': { ttl: '5m' }, 'web-03': {}, 'web-04': {} } });
    await site.reaches({ state: 'active' }, { agent: 'web-03' });
    expect((await site.token('web-03')) === removed).toBe(true);
    expect(site.emulator.state().exchanges.total).toBe(total);
  });

  it('lets the exchange of an agent that goes end, and saves what it brings', async () => {
    await using site = await withDaemon({ agents: { 'web-02': {} } });
    await site.provision('web-02');
    await site.reaches({ state: 'active' }, { agent: 'web-02' });
    site.emulator.addFault({ kind: 'latency', latencyMs: 1000 });
    const refreshed = site.client.refresh('web-02').catch(() => null);
    await eventually(() => expect(site.emulator.state().exchanges.total).toBe(3));
    await reload(site, {});
    await refreshed;
    site.emulator.clearFaults();
    await reload(site, { agents: { 'web-02': {} } });
    await site.reaches({ state: 'active', secret: { generation: 2 } }, { agent: 'web-02' });
    await site.client.refresh('web-02');
    expect(site.emulator.state().secrets).toMatchObject({ 'web-02': { spentSecretUses: 0 } });
  });

  it('lets it end also where the daemon is stopped meanwhile', async () => {
    await using site = await withDaemon({ agents: { 'web-02': {} } });
    await site.provision('web-02');
    await site.reaches({ state: 'active' }, { agent: 'web-02' });
    site.emulator.addFault({ kind: 'latency', latencyMs: 1500 });
    void site.client.refresh('web-02').catch(() => null);
    await eventually(() => expect(site.emulator.state().exchanges.total).toBe(3));
    const [daemon] = site.daemons;
    await site.configure({});
    daemon!.signal('SIGHUP');
    // gone from the socket, and still at work
    await eventually(async () => expect((await site.ask('/v1/agents/web-02')).status).toBe(404));
    expect(await daemon!.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    site.emulator.clearFaults();
    await site.configure({ agents: { 'web-02': {} } });
    site.run();
    await site.reaches({ state: 'active', secret: { generation: 2 } }, { agent: 'web-02' });
    expect(site.emulator.state().secrets).toMatchObject({ 'web-02': { spentSecretUses: 0 } });
  });

  it('gives a token file to another agent, which nobody fights over', async () => {
    await using site = await withDaemon();
    const path = join(site.folder, 'shared');
    const one = { files: [{ path }] };
    await reload(site, { agents: { 'web-02': one } });
    await site.provision('web-02');
    await site.reaches({ state: 'active' }, { agent: 'web-02' });
    const token = await site.token('web-02');
    await eventually(async () => expect((await readFile(path, 'utf8')) === token).toBe(true));
    await reload(site, { agents: { 'web-03': one } });
    await site.provision('web-03');
    await site.reaches({ state: 'active', alerts: [] }, { agent: 'web-03' });
    const next = await site.token('web-03');
    await eventually(async () => expect((await readFile(path, 'utf8')) === next).toBe(true));
    expect(site.daemons[0]!.events('alert-firing')).toEqual([]);
  });

  it('heals an agent whose configuration was wrong, at once', async () => {
    await using site = await Installation.create();
    await site.provision();
    await site.configure({ agent: { tls: { ca_file: site.caFile, server_name: 'elsewhere.example.com' } } });
    const daemon = site.run();
    await site.reaches({ state: 'acquiring', alerts: [{ code: 'SERVER_TLS_FAILED' }] });
    await reload(site, {});
    await site.reaches({ state: 'active', alerts: [] }, { withinMs: 5_000 });
    expect(daemon.events('config-reloaded')).toHaveLength(1);
  });

  it('with another server blocks the agent as a start would, and the way back frees it', async () => {
    await using site = await withDaemon();
    const { ca, identity } = throwAwayTls();
    await using other = await startEmulator({ adminToken: 'x', tls: identity });
    const otherCa = join(site.folder, 'other.pem');
    await writeFile(otherCa, ca);
    const token = await site.token();
    await reload(site, { agent: { url: other.url, tls: { ca_file: otherCa } } });
    await site.reaches({
      state: 'blocked',
      alerts: [{ code: 'SERVER_CHANGED' }],
      token: { status: 'valid' },
    });
    expect((await site.token()) === token).toBe(true);
    expect(other.state().exchanges.total).toBe(0);
    await reload(site, {});
    await site.reaches({ state: 'active', alerts: [] });
    expect(site.exchanges).toBe(1);
  });

  it('writes other token files, and leaves those that are no longer meant', async () => {
    await using site = await withDaemon();
    const token = await site.token();
    await site.tokenFileHolds(token);
    const second = join(site.folder, 'second');
    await reload(site, { agent: { files: [{ path: second, mode: '0640' }] } });
    await eventually(async () => expect((await readFile(second, 'utf8')) === token).toBe(true));
    await site.tokenFileHolds(token);
    await site.client.refresh('web-01');
    const next = await site.token();
    await eventually(async () => expect((await readFile(second, 'utf8')) === next).toBe(true));
    await site.tokenFileHolds(token);
    expect(site.daemons[0]!.events('token-file-left')).toMatchObject([
      { agent: 'web-01', path: site.tokenFile },
    ]);
  });

  it('changes the level of the log', async () => {
    await using site = await withDaemon();
    await reload(site, { top: { log: { level: 'warn' } } }, 'config-reloaded').catch(() => null);
    const [daemon] = site.daemons;
    await reload(site, { top: { log: { level: 'info' } } });
    expect(daemon!.log.filter(({ level }) => level === 'debug').length).toBeGreaterThan(0);
    const from = daemon!.log.length;
    await site.client.refresh('web-01');
    expect(daemon!.log.slice(from).filter(({ level }) => level === 'debug')).toEqual([]);
  });
});
