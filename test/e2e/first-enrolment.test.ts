import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { AgentStatus } from '../../src/domain/status.ts';
import { Installation } from '../support/installation.ts';
import { matching } from '../support/matching.ts';
import { describePart } from '../support/parts.ts';
import { runProgram } from '../support/run-program.ts';

/** A secret goes in, tokens come out: each way in, and each way out. */

const enroll = ({ agent, adminTokenFile }: Installation) => [
  'enroll',
  agent,
  '--admin-token-file',
  adminTokenFile,
];

describePart(['curl'], 'a first enrolment', () => {
  it('by enroll, while no daemon runs', async () => {
    await using site = await Installation.create();
    const { exitCode, stdout } = await site.cli(enroll(site));
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: matching('web-01: stored') });
    expect(site.exchanges).toBe(0);

    site.run();
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 1, persisted: true } });
    expect(site.emulator.state()).toMatchObject({
      exchanges: { total: 1, granted: 1 },
      secrets: { 'web-01': { generation: 1 } },
    });
  });

  it('by enroll, while a daemon runs', async () => {
    await using site = await Installation.create();
    await site.run().started();
    await site.reaches({ state: 'unprovisioned', secret: { status: 'absent' } });

    const { exitCode, stdout } = await site.cli(enroll(site));
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: matching(/^web-01: granted, generation 1, token valid until /),
    });
    await site.reaches({ state: 'active', secret: { generation: 1 } });
  });

  it('by import, while no daemon runs', async () => {
    await using site = await Installation.create();
    const secret = site.emulator.createSecret(site.agent);
    const { exitCode, stdout } = await site.cli(['import', site.agent], { stdin: `${secret}\n` });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: matching('web-01: stored') });
    expect(site.exchanges).toBe(0);

    site.run();
    await site.reaches({ state: 'active', secret: { generation: 1 } });
  });

  it('by import, while a daemon runs', async () => {
    await using site = await Installation.create();
    await site.run().started();
    const secret = site.emulator.createSecret(site.agent);
    const { exitCode, stdout } = await site.cli(['import', site.agent, '--json'], { stdin: secret });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      agent: 'web-01',
      stored: true,
      granted: true,
      status: { state: 'active', secret: { generation: 1 } },
    });
  });
});

describePart(['curl'], 'the token of a running daemon', () => {
  it('is the same for curl, the command line and the token file, and the server takes it', async () => {
    await using site = await Installation.create();
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });

    const answer = await site.curl('/v1/agents/web-01/token');
    const { access_token: token, ...details } = JSON.parse(answer.stdout) as Record<string, unknown>;
    expect(details).toEqual({
      token_type: 'Bearer',
      agent: 'web-01',
      sequence: 1,
      expires_in: expect.toBeOneOf([1799, 1798, 1797]) as unknown,
      expires_at: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect((await site.curl('/v1/token', ['-H', 'Accept: text/plain'])).stdout).toBe(token);
    expect((await site.cli(['token', 'web-01'])).stdout).toBe(token);
    await site.tokenFileHolds(String(token));
    expect((await stat(site.tokenFile)).mode & 0o777).toBe(0o600);

    const events = JSON.stringify({ events: [{ text: 'disk is fine' }] });
    const posted = await fetchFromServer(site, '/api/v2/events', [
      '-H',
      `Authorization: Bearer ${String(token)}`,
      '-H',
      'Content-Type: application/json',
      '-d',
      events,
    ]);
    expect(posted).toBe('200');
    expect(site.emulator.state().events).toMatchObject({ accepted: 1, rejected: 0 });
  });

  it('is described by the document beside the program, which the daemon serves', async () => {
    await using site = await Installation.create();
    const daemon = site.run();
    await daemon.started();
    const { status, body } = await site.ask('/v1/openapi.json');
    expect(status).toBe(200);
    expect(body === (await readFile(join(dirname(site.program), 'openapi.json'), 'utf8'))).toBe(true);
  });

  it('is replaced by refresh, everywhere, and the secret with it', async () => {
    await using site = await Installation.create();
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    const first = await site.token();

    const { exitCode, stdout } = await site.cli(['refresh', 'web-01']);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: matching(/^web-01: granted, generation 2, token valid until /),
    });
    const second = await site.token();
    expect(second).not.toBe(first);
    await site.tokenFileHolds(second);
    expect(site.emulator.state()).toMatchObject({
      exchanges: { total: 2, granted: 2 },
      secrets: { 'web-01': { generation: 2, spentSecretUses: 0 } },
    });
  });

  it('has a status for people and for programs', async () => {
    await using site = await Installation.create();
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });

    const table = (await site.cli(['status'])).stdout.split('\n').map((line) => line.split(/ {2,}/));
    const header = ['AGENT', 'STATE', 'TOKEN', 'REFRESH', 'SECRET', 'GENERATION'];
    const row = ['web-01', 'active', matching(/^valid \d+m \(.*Z\)$/), matching(/^\d\dm$/), 'held', '1'];
    expect(table).toEqual([header, row, ['']]);

    const { stdout } = await site.cli(['status', 'web-01', '--json']);
    const status = JSON.parse(stdout) as AgentStatus;
    expect(status).toMatchObject({
      agent: 'web-01',
      provider: 'vcf-logs',
      token: { status: 'valid', sequence: 1 },
      secret: { store: 'file' },
      last_exchange: { outcome: 'granted', code: null },
      alerts: [],
    });
    const untilRefreshMs = Date.parse(status.next_refresh_at ?? '') - Date.now();
    // 30 minutes at 0.75 ± 0.1
    expect(untilRefreshMs / 60_000).toBeGreaterThan(0.65 * 30 - 1);
    expect(untilRefreshMs / 60_000).toBeLessThan(0.85 * 30);
  });
});

/** The status of the server's answer. */
async function fetchFromServer(
  { emulator, caFile }: Installation,
  path: string,
  args: string[],
): Promise<string> {
  const line = ['-sS', '--cacert', caFile, '-o', '/dev/null', '-w', '%{http_code}', ...args];
  return (await runProgram('curl', [...line, `${emulator.url}${path}`])).stdout;
}
