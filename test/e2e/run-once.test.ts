import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { Installation, type InstallationOptions } from '../support/installation.ts';
import { matching } from '../support/matching.ts';

/** `tokenward run --once`: for jobs, and for what runs before shippers do. */

function once(site: Installation, deadline = '20s') {
  return site.cli(['run', '--once', '--deadline', deadline]);
}

async function provisioned(options: InstallationOptions = {}): Promise<Installation> {
  const site = await Installation.create(options);
  await site.provision();
  return site;
}

describe('run --once', () => {
  it('exchanges, writes the token files, binds nothing, and ends with 0', async () => {
    const hooks = [{ exec: ['/bin/sh', '-c', 'exit 1'] }];
    await using site = await provisioned({ config: { agent: { hooks } } });
    const ran = await once(site);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await site.readTokenFile()).toMatch(/^\S{20,}$/);
    expect(ran.stdout).toContain('"event":"token-published"');
    expect(ran.stdout).not.toMatch(/"event":"(?:started|listening|hook-[a-z]+)"/);
    await expect(stat(site.socketPath)).rejects.toThrow('ENOENT');
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ generation: 1, spentSecretUses: 0 });
  });

  it('takes the token of the session, without an exchange, and a daemon goes on from it', async () => {
    await using site = await provisioned();
    for (let run = 0; run < 3; run += 1) expect(await once(site)).toMatchObject({ exitCode: 0 });
    expect(site.exchanges).toBe(1);
    site.run();
    await site.reaches({ state: 'active', token: { sequence: 1 } });
    expect((await site.token()) === (await site.readTokenFile())).toBe(true);
    expect(site.exchanges).toBe(1);
  });

  it('takes over what lies in the secret file, also when it comes a moment later', async () => {
    await using site = await Installation.create();
    const secretFile = join(site.folder, 'dropped');
    await site.configure({ agent: { secret_file: secretFile } });
    const daemon = new Daemon(site.program, ['--config', site.configFile, '--once'], { env: site.env });
    site.daemons.push(daemon);
    await eventually(() => expect(daemon.events('state-changed')).not.toEqual([]));
    await writeFile(secretFile, site.emulator.createSecret(site.agent), { mode: 0o600 });
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 });
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ generation: 1 });
  });

  it('says which agent failed and why, and writes the files of the others', async () => {
    await using site = await provisioned({ config: { agents: { 'web-02': {} } } });
    await site.provision('web-02');
    site.emulator.revoke('web-02');
    const ran = await once(site);
    expect(ran).toMatchObject({
      exitCode: 77,
      stderr: matching('tokenward: web-02: the server refuses the secret of web-02'),
    });
    expect(ran.stderr).toMatch(/\(SECRET_REVOKED\)\n$/);
    expect(ran.stderr).not.toContain('web-01');
    expect(await site.readTokenFile()).not.toBe('');
  });

  it('has the exit code of what no repetition mends, where agents fail for several reasons', async () => {
    await using site = await provisioned({ config: { agents: { 'web-02': {} } } });
    site.emulator.revoke('web-01');
    const ran = await once(site);
    expect(ran.exitCode).toBe(77);
    expect(ran.stderr).toMatch(/web-02: there is no secret yet.*\(SECRET_ABSENT\)\n/);
    expect(ran.stderr).toMatch(/web-01: the server refuses.*\(SECRET_REVOKED\)\n$/);
  });
});

describe('run --once that gets no token', () => {
  it('has 75 where there is no secret, at once', async () => {
    await using site = await Installation.create();
    const startedAt = performance.now();
    const ran = await once(site, '10m');
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    expect(ran).toMatchObject({
      exitCode: 75,
      stderr: matching('tokenward: web-01: there is no secret yet; run `tokenward enroll web-01`'),
    });
  });

  it('has 69 where the server is away until the deadline, and loses nothing', async () => {
    await using site = await provisioned();
    const { url } = site.emulator;
    await site.configure({ agent: { url: 'https://127.0.0.1:1' } });
    expect(await once(site, '2s')).toMatchObject({
      exitCode: 78,
      stderr: matching('(SERVER_CHANGED)'),
    });
    await site.configure({ agent: { url } });
    await site.emulator.close();
    const ran = await once(site, '2s');
    expect(ran).toMatchObject({ exitCode: 69, stderr: matching('(SERVER_UNREACHABLE)') });
    expect(ran.stderr).toContain('web-01: no token can be had: ');
  });

  it('has 75 where the server wants to be asked later', async () => {
    await using site = await provisioned();
    site.emulator.addFault({ kind: 'rate-limited', retryAfterSeconds: 600, count: 'until-cleared' });
    expect(await once(site, '2s')).toMatchObject({ exitCode: 75, stderr: matching('(SERVER_RATE_LIMITED)') });
    site.emulator.clearFaults();
    expect(await once(site)).toMatchObject({ exitCode: 0 });
  });

  it('has 75 where another process holds the agent, and gets it when that one ends', async () => {
    await using site = await provisioned();
    const holder = site.run();
    await site.reaches({ state: 'active' });
    expect(await once(site, '2s')).toMatchObject({
      exitCode: 75,
      stderr: matching(`process ${holder.pid} holds the agent web-01`),
    });
    const waiting = once(site);
    await holder.end();
    expect(await waiting).toMatchObject({ exitCode: 0 });
    expect(site.exchanges).toBe(1);
  });

  it('tells of every agent where another process holds them, and does not wait for those it never began', async () => {
    await using site = await provisioned({ config: { agents: { 'web-02': {} } } });
    await site.provision('web-02');
    const holder = site.run();
    for (const agent of ['web-01', 'web-02']) await site.reaches({ state: 'active' }, { agent });
    const startedAt = performance.now();
    const ran = await once(site, '1s');
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(ran.exitCode).toBe(75);
    for (const agent of ['web-01', 'web-02'])
      expect(ran.stderr).toContain(`${agent}: process ${holder.pid} holds the agent ${agent}`);
  });

  it('has 78 where a token file cannot be written', async () => {
    await using site = await provisioned();
    const folder = join(site.folder, 'closed');
    await mkdir(folder);
    await mkdir(join(folder, 'token'));
    await site.configure({ agent: { files: [{ path: join(folder, 'token'), mode: '0600' }] } });
    expect(await once(site, '2s')).toMatchObject({ exitCode: 78, stderr: matching('(OUTPUT_FAILED)') });
  });

  it('has 64 where the command line is wrong', async () => {
    await using site = await Installation.create();
    expect(await once(site, 'soon')).toMatchObject({ exitCode: 64, stderr: matching('--deadline takes') });
    const ran = await site.cli(['run', '--deadline', '30s']);
    expect(ran).toMatchObject({ exitCode: 64, stderr: matching('--deadline goes with --once') });
  });
});

describe('run --once whose time is over in the middle of an exchange', () => {
  it('awaits the answer and keeps what it brings', async () => {
    await using site = await provisioned();
    site.emulator.addFault({ kind: 'latency', latencyMs: 3_000 });
    expect(await once(site, '1s')).toMatchObject({ exitCode: 0 });
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ generation: 1 });
    expect(await once(site)).toMatchObject({ exitCode: 0 });
    expect(site.exchanges).toBe(1);
  });

  it('does the same when it is told to end', async () => {
    await using site = await provisioned();
    site.emulator.addFault({ kind: 'latency', latencyMs: 3_000 });
    const daemon = new Daemon(site.program, ['--config', site.configFile, '--once'], { env: site.env });
    site.daemons.push(daemon);
    await eventually(() => expect(site.exchanges).toBe(1), { withinMs: 20_000 });
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ generation: 1 });
  });

  it('has 75 when it is told to end before there is anything', async () => {
    await using site = await provisioned();
    site.emulator.addFault({ kind: 'rate-limited', retryAfterSeconds: 600, count: 'until-cleared' });
    const daemon = new Daemon(site.program, ['--config', site.configFile, '--once'], { env: site.env });
    site.daemons.push(daemon);
    await daemon.logged('exchange-failed');
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 75 });
  });
});
