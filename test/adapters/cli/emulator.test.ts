import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { authority, issuedClient } from './identities.ts';
import { ended, Stage, type Ended } from './stage.ts';

/** The emulator as a program of its own, up to its last printed line. */
async function begin(
  stage: Stage,
  ...args: readonly string[]
): Promise<{
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: readonly string[];
  readonly url: string;
}> {
  const child = stage.start(['emulator', ...args]);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('Ctrl-C')) break;
  }
  const url = /https?:\/\/[^ ]+/.exec(lines[0] ?? '')?.[0] ?? 'no url';
  return { child, lines, url };
}

async function end(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): Promise<Ended> {
  const result = ended(child);
  child.kill(signal);
  return result;
}

describe('emulator', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints command lines that work, and ends at %s',
    async (signal) => {
      using stage = new Stage();
      const { child, lines, url } = await begin(stage, '--tls-dir', 'tls');
      expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      const [create, state, fault] = lines.filter((line) => line.startsWith('  curl '));
      const answer = await stage.shell(`${create}\n${fault}\n${state}`);
      expect(answer.stdout).toMatch(/^\{"id":.*"name":"web-01","secret":/);
      expect(answer.stdout).toMatch(/"secrets":\{"web-01":\{"status":"ACTIVE"/);
      expect(answer.stdout).toContain('"faults":[{"fault":{"kind":"reset"');
      const { code, stderr } = await end(child, signal);
      expect(code).toBe(0);
      expect(stderr).toMatch(/^\d{4}-\S+Z POST \/api\/v2\/agent\/secrets 201 created "web-01"$/m);
    },
  );

  it('teaches the other products with command lines that work', async () => {
    using stage = new Stage();
    const { child, lines } = await begin(stage);
    const more = lines.filter((line) => line.startsWith('  curl ')).slice(3);
    const { stdout } = await stage.shell(more.map((line) => `${line}; echo`).join('\n'));
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^\{"name":"web-02","token":"[\w-]{64}"\}$/),
      '{"name":"web-02","revoked":true}',
      expect.stringMatching(/^\{"items":\[\{"name":"svc-1","type":"API_TOKEN",/),
      '{"failing":{"svc-2":1}}',
      expect.stringContaining('"credentials_failed":["svc-2"],"credentials_marked_for_deletion":["svc-1"]'),
      '{"name":"web-01","supersededMs":1000}',
      '{"rejectWith":403}',
      '{"rejectWith":null}',
      '',
    ]);
    await end(child, 'SIGINT');
  });

  it('is good under all names of this host', async () => {
    using stage = new Stage();
    const { child, url } = await begin(stage, '--tls-dir', 'tls', '--listen', 'localhost:0');
    const port = new URL(url).port;
    const { stdout } = await stage.shell(
      `curl -s --cacert tls/ca.pem https://localhost:${port}/_emulator/state`,
    );
    expect(stdout).toContain('"policy":"strict"');
    await end(child, 'SIGINT');
  });

  it('takes policy, grace and a credential of its own, and does not print that one', async () => {
    using stage = new Stage();
    const file = stage.write('admin.token', 'my-0wn-token\n');
    const { child, lines, url } = await begin(
      stage,
      '--policy',
      'grace',
      '--grace',
      '90s',
      '--admin-token-file',
      file,
    );
    expect(lines.join('\n')).not.toContain('my-0wn-token');
    const create = lines.find((line) => line.includes('/api/v2/agent/secrets')) ?? '';
    expect((await stage.shell(create)).stdout).toContain('"name":"web-01"');
    const { stdout } = await stage.shell(`curl -s ${url}/_emulator/state`);
    expect(JSON.parse(stdout)).toMatchObject({ policy: 'grace', graceMs: 90_000 });
    await end(child, 'SIGINT');
  });

  it('asks clients for a certificate', async () => {
    using stage = new Stage();
    const ca = stage.write('clients.pem', authority.cert);
    const cert = stage.write('client.pem', issuedClient.cert);
    const key = stage.write('client.key', issuedClient.key);
    const { child, url } = await begin(stage, '--tls-dir', 'tls', '--client-ca', ca);
    const curl = `curl -s --cacert tls/ca.pem ${url}/_emulator/state`;
    expect((await stage.shell(curl)).stdout).toBe('');
    expect((await stage.shell(`${curl} --cert ${cert} --key ${key}`)).stdout).toContain('"policy"');
    await end(child, 'SIGINT');
  });

  it("replaces its own authority, but nobody else's", async () => {
    using stage = new Stage();
    const first = await begin(stage, '--tls-dir', '.');
    await end(first.child, 'SIGINT');
    const before = readFileSync(stage.path('ca.pem'), 'utf8');
    const second = await begin(stage, '--tls-dir', '.');
    expect((await end(second.child, 'SIGINT')).code).toBe(0);
    expect(readFileSync(stage.path('ca.pem'), 'utf8')).not.toBe(before);
    stage.write('ca.pem', authority.cert);
    const { code, stderr } = await stage.run(['emulator', '--tls-dir', '.']);
    expect(code).toBe(64);
    expect(stderr).toContain('would be overwritten');
    expect(readFileSync(stage.path('ca.pem'), 'utf8')).toBe(authority.cert);
  });

  it('says where somebody else listens', async () => {
    using stage = new Stage();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await stage.run(['emulator', '--listen', `127.0.0.1:${port}`]);
    other.close();
    expect(code).toBe(75);
    expect(stderr).toContain('(ADDRESS_IN_USE)');
  });

  it.each([
    [['--listen', 'nowhere'], 'HOST:PORT'],
    [['--listen', '192.0.2.1:0'], 'EADDRNOTAVAIL'],
    [['--grace', 'long'], 'a duration with its unit'],
    [['--client-ca', 'x.pem'], 'needs --tls-dir'],
    [['--client-ca', 'x.pem', '--tls-dir', 'tls'], 'cannot read x.pem (ENOENT)'],
    [['--tls-dir', 'config.yaml'], 'cannot write'],
  ])('%j is wrong usage', async (args, told) => {
    using stage = new Stage();
    const { code, stderr } = await stage.run(['emulator', ...args]);
    expect(code).toBe(64);
    expect(stderr).toContain(told);
  });
});
