import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Installation, type ConfigOverrides } from '../../support/installation.ts';

/** A configuration that cannot be used: all stays as it was, and everybody is told until it is mended. */

async function withDaemon(): Promise<Installation> {
  const site = await Installation.create({ config: { agents: { 'web-02': {} } } });
  for (const agent of ['web-01', 'web-02']) await site.provision(agent);
  site.run();
  for (const agent of ['web-01', 'web-02']) await site.reaches({ state: 'active' }, { agent });
  return site;
}

async function untilRejected(site: Installation) {
  const line = await site.daemons[0]!.logged('config-rejected');
  for (const agent of ['web-01', 'web-02'])
    await site.reaches({ state: 'active', alerts: [{ code: 'CONFIG_INVALID' }] }, { agent });
  return line;
}

async function untilMended(site: Installation): Promise<void> {
  await site.configure({ agents: { 'web-02': {} } });
  site.daemons[0]!.signal('SIGHUP');
  for (const agent of ['web-01', 'web-02']) await site.reaches({ state: 'active', alerts: [] }, { agent });
}

describe('a file that is none', () => {
  it.each([
    ['broken YAML', 'agents: [', 'CONFIG_INVALID'],
    ['an unknown key', 'agentz: {}', 'CONFIG_INVALID'],
    ['an empty file', '', 'CONFIG_INVALID'],
  ])('%s changes nothing, and is told in every status', async (_case, text, code) => {
    await using site = await withDaemon();
    const token = await site.token();
    await writeFile(site.configFile, text);
    const line = await untilRejected(site);
    expect(line).toMatchObject({ level: 'error', cause: 'file', code });
    expect(line['problems']).toEqual(expect.arrayContaining([expect.stringContaining(site.configFile)]));
    expect((await site.token()) === token).toBe(true);
    expect((await site.ask('/metrics')).body).toMatch(/^tokenward_config_last_reload_successful 0$/m);
    const [alert] = (await site.client.status('web-01')).alerts;
    expect(alert?.summary).toContain('tokenward check');
    await untilMended(site);
    expect(site.daemons[0]!.events('alert-resolved')).toMatchObject([
      { code: 'CONFIG_INVALID' },
      { code: 'CONFIG_INVALID' },
    ]);
    expect(site.exchanges).toBe(2);
  });

  it('leaves the commands a way to the daemon, where its socket can be made out', async () => {
    await using site = await withDaemon();
    await site.configure({ agents: { 'web-02': {} }, top: { agentz: {} } });
    await untilRejected(site);
    const status = await site.cli(['status']);
    expect(status).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('CONFIG_INVALID') as string,
    });
    expect(status.stderr).toMatch(/the daemon goes on by the one before; run `tokenward check`\n.*agentz/);
    const token = await site.cli(['token', 'web-01']);
    expect(token.stdout === (await site.token())).toBe(true);
    expect(await site.cli(['refresh', 'web-02'])).toMatchObject({ exitCode: 0 });
    await site.daemons[0]!.end('SIGTERM');
    // and nothing but the flaw is told where no daemon runs
    const { exitCode, stderr } = await site.cli(['token', 'web-01']);
    expect({ exitCode, told: stderr.includes('agentz') }).toEqual({ exitCode: 78, told: true });
  });

  it('may be written by others: it is refused', async () => {
    await using site = await withDaemon();
    await chmod(site.configFile, 0o666);
    site.daemons[0]!.signal('SIGHUP');
    expect(await untilRejected(site)).toMatchObject({ code: 'CONFIG_UNSAFE' });
    await chmod(site.configFile, 0o600);
    await untilMended(site);
  });
});

interface Fixed {
  readonly key: string;
  readonly config: (site: Installation) => ConfigOverrides;
}

const fixed: readonly Fixed[] = [
  { key: 'state_dir', config: ({ folder }) => ({ top: { state_dir: join(folder, 'elsewhere') } }) },
  { key: 'agents.web-01.secret', config: () => ({ agent: { secret: { store: 'memory' } } }) },
  { key: 'listeners: peer_check', config: () => ({ socket: { peer_check: 'none' } }) },
];

describe('what a running daemon cannot change', () => {
  it.each(fixed)('$key is named, and nothing else of the file is used', async ({ key, config }) => {
    await using site = await withDaemon();
    const overrides = config(site);
    await site.configure({ ...overrides, agents: { 'web-02': { ttl: '2m' }, 'web-05': {} } });
    const line = await untilRejected(site);
    expect(line['problems']).toEqual([
      expect.stringMatching(`^${key}.* cannot change while the daemon runs; .*restart`),
    ]);
    expect((await site.client.statuses()).map(({ agent }) => agent)).toEqual(['web-01', 'web-02']);
    await site.client.refresh('web-02');
    expect((await site.client.status('web-02')).token.expires_in).toBeGreaterThan(1700);
    await untilMended(site);
  });
});

describe('what this host does not have', () => {
  it('a port that is taken: not even the other new listener stays', async () => {
    await using site = await withDaemon();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const second = join(site.folder, 'second.sock');
    await site.configure({
      agents: { 'web-02': {} },
      listeners: [
        { unix: second, allow: [{ user: process.geteuid?.(), may: ['token'] }] },
        { tcp: `127.0.0.1:${port}`, serves: ['health'] },
      ],
    });
    expect(await untilRejected(site)).toMatchObject({ code: 'ADDRESS_IN_USE' });
    const { exitCode } = await site.curl('/healthz', ['--unix-socket', second]);
    expect(exitCode).not.toBe(0);
    taken.close();
    // as soon as it is free, the same file is good
    site.daemons[0]!.signal('SIGHUP');
    await site.daemons[0]!.logged('config-reloaded');
    expect((await site.curl('/healthz', ['--unix-socket', second])).stdout).toBe('ok');
  });

  it('a group that nobody knows', async () => {
    await using site = await withDaemon();
    await site.configure({ agents: { 'web-02': {} }, socket: { group: 'no-such-group' } });
    const line = await untilRejected(site);
    expect(line['problems']).toEqual([expect.stringContaining('no-such-group')]);
    await untilMended(site);
  });

  it('a certificate that cannot be read', async () => {
    await using site = await withDaemon();
    await site.configure({ agents: { 'web-02': { tls: { ca_file: join(site.folder, 'none.pem') } } } });
    expect((await untilRejected(site))['problems']).toEqual([expect.stringContaining('none.pem')]);
    await untilMended(site);
    await eventually(async () => expect((await site.client.status('web-02')).state).toBe('active'));
  });
});
