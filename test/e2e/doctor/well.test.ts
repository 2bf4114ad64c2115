import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, utimes } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { groups } from '../../../src/doctor/line.ts';
import { firstLine } from '../../adapters/platform/fixtures/processes.ts';
import type { Installation } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { doctor, giveTo, runningSite, wellSite } from './site.ts';

/** The doctor at a healthy host, beside a running daemon that it must not disturb. */

async function everythingIn(site: Installation): Promise<readonly string[]> {
  return (await readdir(site.folder, { recursive: true })).toSorted();
}

describe('beside a running daemon that is well', () => {
  let site: Installation;
  beforeAll(async () => {
    site = await runningSite();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('everything is, and nothing was touched', async () => {
    const before = { files: await everythingIn(site), status: await site.client.status(site.agent) };
    const { exitCode, stderr, ok, lines, troubles, summary } = await doctor(site);
    expect({ exitCode, stderr, ok, troubles }).toEqual({ exitCode: 0, stderr: '', ok: true, troubles: [] });
    expect(summary.ok + summary.warning).toBe(lines.length);
    expect([...new Set(lines.map(({ group }) => group))]).toEqual(groups);
    expect(lines).toContainEqual(
      expect.objectContaining({
        id: 'service-user',
        detail: 'the user that is looked for, by the running daemon',
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({
        id: 'secret-store',
        detail: 'the store answers and opens: secret',
        agents: ['web-01'],
      }),
    );
    expect(await everythingIn(site)).toEqual(before.files);
    expect(site.exchanges).toBe(1);
    expect(site.daemons.at(-1)?.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    const { state, token } = await site.client.status(site.agent);
    expect({ state, sequence: token.sequence }).toEqual({
      state: before.status.state,
      sequence: before.status.token.sequence,
    });
  });

  it('is told to people in groups, without any credential and without colours', async () => {
    const { exitCode, stdout, stderr } = await site.cli(['doctor', 'web-01']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const titles = stdout.split('\n').filter((line) => /^[a-z]+$/.test(line));
    expect(titles).toEqual(groups);
    expect(stdout).toMatch(
      /^ {2}\* ok {6}127\.0\.0\.1:\d+: speaks TLSv1\.3, and its certificate is trusted/m,
    );
    expect(stdout).toMatch(/\n\n\d+ ok, \d+ warnings?, 0 failing\n$/);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.includes(await site.token())).toBe(false);
  });

  it('a configuration that was changed since is told', async () => {
    const later = new Date(Date.now() + 60_000);
    await utimes(site.configFile, later, later);
    const { exitCode, troubles } = await doctor(site);
    expect(exitCode).toBe(0);
    expect(troubles).toMatchObject([
      { id: 'daemon-config', status: 'warning', mend: 'tokenward check && systemctl reload tokenward' },
    ]);
  });
});

it('given up at a server that says nothing, it ends at once and leaves nothing', async () => {
  await using site = await wellSite();
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  await site.configure({ agent: { url: `https://127.0.0.1:${(silent.address() as AddressInfo).port}` } });
  const env = { ...site.env, TOKENWARD_CONFIG: site.configFile };
  const child = spawn(inject('node'), [site.program, 'doctor'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(await firstLine(child)).toBe('configuration');
  child.kill('SIGINT');
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  silent.close();
  expect(signal).toBe('SIGINT');
  expect(await readdir(site.stateDir)).toEqual([]);
});

describe('without a daemon', () => {
  it('that is a warning, as is an agent without a secret; a server that several share is asked once', async () => {
    const asked: string[] = [];
    await using site = await wellSite({
      emulator: { log: (line) => asked.push(line) },
      config: { agents: { 'web-02': { secret: { store: 'memory' } } } },
    });
    const { exitCode, troubles } = await doctor(site);
    expect(exitCode).toBe(0);
    expect(troubles).toMatchObject([
      { id: 'daemon-answer', status: 'warning', mend: 'systemctl start tokenward, or: tokenward run' },
      {
        id: 'secret-store',
        mend: 'tokenward enroll web-01, or: tokenward import web-01',
        agents: ['web-01'],
      },
      { id: 'secret-store', detail: matching('a restart forgets it'), agents: ['web-02'] },
    ]);
    expect(asked).toEqual([matching(/^GET \/ 404/)]);
    expect(site.exchanges).toBe(0);
  });

  it('one agent alone is looked at, where it is there', async () => {
    await using site = await wellSite({ config: { agents: { 'web-02': { secret: { store: 'memory' } } } } });
    const { lines } = await doctor(site, ['web-02']);
    expect(new Set(lines.flatMap(({ agents }) => agents))).toEqual(new Set(['web-02']));
    expect(await site.cli(['doctor', 'web-20'])).toMatchObject({
      exitCode: 64,
      stderr: matching('did you mean "web-02"? (AGENT_UNKNOWN)'),
    });
  });
});

const { alice, bob } = strangers;

describeRoot('a daemon of another user', () => {
  it('is judged for that user, by root; and somebody else is told what could not be seen', async () => {
    await using site = await wellSite({
      config: { socket: { mode: '0666', allow: [{ user: alice, may: ['token', 'status', 'admin'] }] } },
    });
    await giveTo(site, alice);
    const as = { uid: alice, gid: alice };
    const enrolled = await site.cli(['enroll', 'web-01', '--admin-token-file', site.adminTokenFile], as);
    expect(enrolled).toMatchObject({ exitCode: 0 });
    await site.run(as).logged('state-changed', { state: 'active' });

    const byItself = await doctor(site, [], as);
    expect({ exitCode: byItself.exitCode, troubles: byItself.troubles }).toEqual({
      exitCode: 0,
      troubles: [],
    });
    const byRoot = await doctor(site);
    expect(byRoot).toMatchObject({
      exitCode: 0,
      // root was not named in `allow`
      troubles: [{ id: 'daemon-alert', status: 'warning', code: 'PEER_DENIED' }],
    });
    expect(byRoot.lines).toContainEqual(
      expect.objectContaining({ id: 'service-user', what: String(alice), status: 'ok' }),
    );

    await chmod(site.configFile, 0o644);
    const byStranger = await doctor(site, [], { uid: bob, gid: bob });
    const mend = `look as root or as that user: sudo -u ${alice} tokenward doctor`;
    expect(byStranger.troubles.filter(({ mend: told }) => told === mend).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['service-user', 'disk-sync']),
    );
    expect(byStranger.troubles).toContainEqual(
      expect.objectContaining({ id: 'secret-store', status: 'warning' }),
    );
    expect(byStranger).toMatchObject({ exitCode: 0, summary: { failing: 0 } });
    await chmod(site.caFile, 0o600);
    expect((await doctor(site, [], { uid: bob, gid: bob })).troubles).toContainEqual(
      expect.objectContaining({
        id: 'server-tls',
        status: 'warning',
        detail: `not asked, as ${site.caFile} is not for us to read`,
      }),
    );
    expect(site.exchanges).toBe(1);
  });
});
