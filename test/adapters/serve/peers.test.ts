import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadNative, withoutNative } from '../../../src/platform/native.ts';
import type { AllowRule } from '../../../src/serve/access.ts';
import type { PeerLookup } from '../../../src/serve/peer.ts';
import { reportArguments, takeReport } from '../../support/api/curl-report.ts';
import { eventually } from '../../support/eventually.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';

const token = '/v1/agents/web-01/token';

/** Who runs a client: numbers that no rule of this host can have anything to do with. */
interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups?: readonly number[];
}

/** Asks with a real curl that runs as somebody else. */
async function askAs({ uid, gid, groups = [] }: Identity, { path: socket }: Serving, path: string) {
  const supplementary = groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')];
  const identity = ['--reuid', String(uid), '--regid', String(gid), ...supplementary];
  const curl = ['curl', '-s', ...reportArguments, '--unix-socket', socket, `http://localhost${path}`];
  const written = await promisify(execFile)('setpriv', [...identity, ...curl]);
  const { status, body } = takeReport(written, path).answer ?? {};
  return { status, body: body ?? '' };
}

async function serving(allow: readonly AllowRule[], peerLookup?: PeerLookup | null): Promise<Serving> {
  const started = new Serving();
  chmodSync(started.folder, 0o755);
  started.agent().publish('abc');
  await started.listen({ allow, mode: 0o666, ...(peerLookup === undefined ? {} : { peerLookup }) });
  return started;
}

// Only root can run clients as others.
describe.skipIf(process.geteuid?.() !== 0)('who the kernel says is there', () => {
  it.each<[string, AllowRule, Identity, number]>([
    ['the user', { user: 41_001, may: ['token'] }, { uid: 41_001, gid: 41_001 }, 200],
    ['the primary group', { group: 42_001, may: ['token'] }, { uid: 41_001, gid: 42_001 }, 200],
    [
      'a supplementary group',
      { group: 43_001, may: ['token'] },
      { uid: 41_001, gid: 1, groups: [7, 43_001] },
      200,
    ],
    ['another user', { user: 41_001, may: ['token'] }, { uid: 41_002, gid: 41_001 }, 403],
    ['another group', { group: 42_001, may: ['token'] }, { uid: 42_001, gid: 1, groups: [7] }, 403],
    ['another verb', { user: 41_001, may: ['status', 'admin'] }, { uid: 41_001, gid: 41_001 }, 403],
    ['the overflow user', { user: 65_534, may: ['token'] }, { uid: 65_534, gid: 65_534 }, 403],
    ['the overflow group', { group: 65_534, may: ['token'] }, { uid: 41_001, gid: 65_534 }, 403],
  ])('a rule and %s: %o, %o', async (_case, rule, identity, status) => {
    await using daemon = await serving([rule]);
    expect(await askAs(identity, daemon, token)).toMatchObject({ status });
  });

  it('finds a group among more than a kernel page of them', async () => {
    await using daemon = await serving([{ group: 49_999, may: ['token'] }]);
    const groups = Array.from({ length: 2000 }, (_each, index) => 48_000 + index);
    expect(await askAs({ uid: 41_001, gid: 1, groups }, daemon, token)).toMatchObject({ status: 200 });
  });

  it('denies by default, tells who was there and what is missing, and logs it', async () => {
    await using daemon = await serving([]);
    const first = await askAs({ uid: 41_001, gid: 42_001, groups: [7] }, daemon, token);
    expect(first.status).toBe(403);
    expect(JSON.parse(first.body)).toMatchObject({ code: 'PEER_DENIED', agent: 'web-01' });
    expect(first.body).toContain('uid 41001 (groups 42001, 7)');
    expect(first.body).toContain('{ user: 41001, may: [token] }');
    expect(daemon.log.lines).toEqual([
      {
        level: 'warn',
        event: 'peer-denied',
        fields: {
          uid: 41_001,
          pid: expect.any(Number) as number,
          executable: expect.stringMatching(/curl$/) as string,
          groups: [42_001, 7],
          verb: 'token',
          agent: 'web-01',
        },
      },
    ]);
  });

  it('tells a stranger nothing about which agents there are', async () => {
    await using daemon = await serving([]);
    const known = await askAs({ uid: 41_001, gid: 1 }, daemon, '/v1/agents/web-01');
    const unknown = await askAs({ uid: 41_001, gid: 1 }, daemon, '/v1/agents/web-02');
    expect(unknown).toEqual({ status: known.status, body: known.body.replace('web-01', 'web-02') });
  });

  it.each(['/healthz', '/readyz', '/metrics'])('leaves %s open', async (path) => {
    await using daemon = await serving([]);
    expect(await askAs({ uid: 41_001, gid: 1 }, daemon, path)).toMatchObject({ status: 200 });
  });

  it('may everything where nobody asks and no rule says otherwise', async () => {
    await using daemon = await serving([], null);
    expect(await askAs({ uid: 41_001, gid: 1 }, daemon, token)).toMatchObject({ status: 200 });
  });

  it('may what any rule allows where nobody asks', async () => {
    await using daemon = await serving([{ user: 0, may: ['token'] }], null);
    expect(await askAs({ uid: 41_001, gid: 1 }, daemon, token)).toMatchObject({ status: 200 });
    expect(await askAs({ uid: 41_001, gid: 1 }, daemon, '/v1/agents')).toMatchObject({ status: 403 });
  });
});

describe('a kernel that does not say who is there', () => {
  it.each<[string, (native: PeerLookup) => PeerLookup]>([
    ['cannot be asked', () => withoutNative(new Error('no koffi'))],
    [
      'takes us for somebody else',
      (native) => ({ ...native, peerCredentials: () => ({ pid: 1, uid: 1, gid: 1 }) }),
    ],
    ['forgets our groups', (native) => ({ ...native, peerGroups: () => [65_000] })],
    [
      'has no process for us',
      (native) => ({ ...native, peerCredentials: (fd) => ({ ...native.peerCredentials(fd), pid: 0 }) }),
    ],
  ])('keeps the listener from starting: it %s', async (_what, lookup) => {
    await using daemon = new Serving();
    const start = daemon.listen({ peerLookup: lookup(await loadNative()) });
    await expect(start).rejects.toMatchObject({ code: 'PEER_CHECK_UNAVAILABLE' });
    expect([existsSync(daemon.path), readdirSync(daemon.folder)]).toEqual([false, []]);
  });

  it('costs a connection its life later on', async () => {
    await using daemon = new Serving();
    const native = await loadNative();
    let fails = false;
    const peerCredentials: PeerLookup['peerCredentials'] = (fd) => {
      if (fails) throw new Error('not now');
      return native.peerCredentials(fd);
    };
    await daemon.listen({ peerLookup: { ...native, peerCredentials } });
    fails = true;
    await expect(daemon.ask('/healthz')).rejects.toThrow(/EPIPE|ECONNRESET|hang up/);
    expect(daemon.log.events()).toContain('peer-unknown');
    expect(await daemon.metrics.render()).toContain(
      'tokenward_connections_refused_total{listener="unix",reason="unknown-peer"} 1\n',
    );
    fails = false;
    expect(await daemon.ask('/healthz')).toMatchObject({ status: 200 });
  });
});

describe('limits of one user', () => {
  it('bound the open connections', async () => {
    await using daemon = new Serving();
    await daemon.listen({ limits: { connections: 1, requestsPerSecond: 0 } });
    const health = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    using first = new RawClient(daemon.path);
    await first.send(health);
    await first.responses(1);
    using second = new RawClient(daemon.path);
    expect(await second.untilEnded()).toMatch(/^HTTP\/1.1 429 [^]*Retry-After: 1[^]*RATE_LIMITED/);
    const counted = await daemon.metrics.render();
    expect(counted).toContain('tokenward_connections_open{listener="unix"} 1\n');
    expect(counted).toContain('tokenward_connections_refused_total{listener="unix",reason="limit"} 1\n');
    first[Symbol.dispose]();
    await eventually(async () => expect(await daemon.ask('/healthz')).toMatchObject({ status: 200 }));
  });

  it('bound the requests in a second', async () => {
    await using daemon = new Serving();
    daemon.agent().publish('abc');
    await daemon.listen({ limits: { connections: 0, requestsPerSecond: 2 } });
    const statuses = [];
    for (let round = 0; round < 3; round += 1) statuses.push((await daemon.ask(token)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const { headers, json } = await daemon.ask(token);
    expect([headers['retry-after'], json?.['code']]).toEqual(['1', 'RATE_LIMITED']);
    daemon.clock.advance(1000);
    expect(await daemon.ask(token)).toMatchObject({ status: 200 });
  });
});
