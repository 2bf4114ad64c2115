import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeServer } from '../../../src/doctor/judge-server.ts';
import { probeServer } from '../../../src/doctor/probe-server.ts';
import { createAuthority, type Validity } from '../../../src/emulator/certificates.ts';
import type { TlsSettings } from '../../../src/platform/http/tls-files.ts';
import { newAuthority, serverLeaf, temporaryFolder } from '../http/identities.ts';
import { answering, closedPort, httpAnswer, type ScriptedServer, startServer } from '../http/servers.ts';

/** Real servers, in every state that a server can be in, and what is said of them. */

const dayMs = 86_400_000;
const days = (from: number, to: number): Validity => ({
  from: new Date(Date.now() + from * dayMs),
  to: new Date(Date.now() + to * dayMs),
});

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const authority = createAuthority('test CA', days(-1, 400));
const tls = { caFile: folder.write('ca.pem', authority.cert) };

const dated = (aheadMs: number) =>
  answering(httpAnswer(404, 'no', { date: new Date(Date.now() + aheadMs).toUTCString() }));

const leaf = (options: Parameters<typeof serverLeaf>[1] = {}) =>
  serverLeaf(authority, { commonName: 'logs', validity: days(-1, 90), ...options });

interface Asked {
  readonly host?: string;
  readonly settings?: TlsSettings;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

async function linesOf(
  { port }: Pick<ScriptedServer, 'port'>,
  { host = '127.0.0.1', settings = tls, env = {}, timeoutMs = 5_000 }: Asked = {},
) {
  const url = `https://${host}:${port}`;
  const facts = await probeServer({ url, tls: settings, agents: ['web-01'], env, timeoutMs });
  return judgeServer(facts, new Date()).map(({ id, status, detail, mend }) => ({ id, status, detail, mend }));
}

const line = (id: string, status: string, detail: RegExp, mend?: RegExp): object => ({
  id,
  status,
  detail: expect.stringMatching(detail) as string,
  mend: mend === undefined ? null : (expect.stringMatching(mend) as string),
});

const connected = line('server-connection', 'ok', /^connected \(\d+ ms\)$/);
const trusted = line('server-tls', 'ok', /^speaks TLSv1\.3, and its certificate is trusted/);
const leafIsFine = line('server-certificate', 'ok', /logs, issued by test CA, has 89 days left/);
const issuerIsFine = line('server-certificate', 'ok', /test CA, which signed itself, has 399 days left/);
const clockIsFine = line('server-clock', 'ok', /within \d+s of ours \(it answered 404/);

it('a server that is well is asked once, without any credential', async () => {
  await using server = await startServer(dated(0), leaf());
  expect(await linesOf(server, { host: 'localhost' })).toEqual([
    line('server-name', 'ok', /^the name leads to .*127\.0\.0\.1/),
    connected,
    trusted,
    leafIsFine,
    issuerIsFine,
    clockIsFine,
  ]);
  expect(server.accepted()).toBe(1);
  expect(server.received).toEqual([expect.stringMatching(/^GET \/ HTTP\/1\.1\r\n/)]);
  expect(server.received.join('')).not.toMatch(/authorization|cookie/i);
});

describe('its certificate', () => {
  it.each<[string, Parameters<typeof serverLeaf>[1], RegExp, RegExp, object]>([
    [
      'that has expired',
      { validity: days(-9, -2) },
      /expired on/,
      /^renew it on the server/,
      line(
        'server-certificate',
        'failing',
        /expired on/,
        /^renew it on the server; look at it: openssl s_client/,
      ),
    ],
    [
      'for another host',
      { hosts: ['other.example.com'] },
      /is for other\.example\.com, not 127\.0\.0\.1/,
      /correct url, or set tls\.server_name/,
      leafIsFine,
    ],
  ])('%s fails the handshake, and is shown all the same', async (_what, options, detail, mend, shown) => {
    await using server = await startServer(dated(0), leaf(options));
    const lines = await linesOf(server);
    expect(lines).toEqual([connected, line('server-tls', 'failing', detail, mend), shown, issuerIsFine]);
    expect(server.received).toEqual([]);
  });

  it('that nears its end is a warning', async () => {
    await using server = await startServer(dated(0), leaf({ validity: days(-1, 12) }));
    expect(await linesOf(server)).toContainEqual(
      line('server-certificate', 'warning', /has 11 days left/, /^renew it on the server/),
    );
  });

  it('of an intermediate authority that nears its end is a warning', async () => {
    const between = createAuthority('intermediate', days(-1, 5), authority);
    const { cert, key } = serverLeaf(between, { validity: days(-1, 90) });
    await using server = await startServer(dated(0), { cert: cert + between.cert, key });
    const lines = await linesOf(server);
    expect(lines).toContainEqual(
      line(
        'server-certificate',
        'warning',
        /intermediate, issued by test CA, has 4 days left/,
        /^renew it where it is issued/,
      ),
    );
    expect(lines.filter(({ id }) => id === 'server-certificate')).toHaveLength(3);
  });

  it('without the intermediate one is not trusted', async () => {
    const between = createAuthority('intermediate', days(-1, 90), authority);
    await using server = await startServer(dated(0), serverLeaf(between));
    expect(await linesOf(server)).toContainEqual(
      line(
        'server-tls',
        'failing',
        /not signed by the CA in tls\.ca_file/,
        /have the server send its intermediate certificates; .*openssl s_client -connect 127\.0\.0\.1:\d+ .*-showcerts/,
      ),
    );
  });

  it('of an authority that nobody named is not trusted', async () => {
    await using server = await startServer(dated(0), serverLeaf(newAuthority()));
    expect(await linesOf(server, { settings: {} })).toContainEqual(
      line('server-tls', 'failing', /not signed by a CA that this host trusts/, /^set tls\.ca_file/),
    );
  });
});

describe('its clock', () => {
  it.each([
    [
      100_000,
      line('server-clock', 'warning', /^our clock is (9[5-9]|10[0-5])s behind/, /timedatectl set-ntp true/),
    ],
    [-100_000, line('server-clock', 'warning', /^our clock is (9[5-9]|10[0-5])s ahead of/, /timedatectl/)],
    [3_500_000, line('server-clock', 'failing', /^our clock is 5[78]m behind/, /timedatectl/)],
  ])('%d ms from ours', async (aheadMs, expected) => {
    await using server = await startServer(dated(aheadMs), leaf());
    expect(await linesOf(server)).toContainEqual(expected);
  });

  it('is not known without a Date', async () => {
    await using server = await startServer(answering(httpAnswer(200, 'ok')), leaf());
    expect(await linesOf(server)).toContainEqual(
      line('server-clock', 'warning', /it answers \(200\) without a Date/, /date -u/),
    );
  });

  it('is not known where it hangs, which is a failure, or hangs up', async () => {
    await using hanging = await startServer(() => {}, leaf());
    const late = line('server-clock', 'failing', /does not answer a plain GET in time/, /^see whether/);
    expect(await linesOf(hanging, { timeoutMs: 600 })).toContainEqual(late);
    await using closing = await startServer((socket) => void socket.destroy(), leaf());
    const cut = line('server-clock', 'warning', /ends the connection at a plain GET/, /^see whether/);
    expect(await linesOf(closing)).toContainEqual(cut);
  });
});

describe('a server that cannot be reached', () => {
  it('as its name is not known', async () => {
    const lines = await linesOf({ port: 443 }, { host: 'logs.example.invalid' });
    const detail = /does not exist|no name server answered/;
    const name = line('server-name', 'failing', detail, /getent ahosts logs\.example\.invalid/);
    expect(lines).toEqual([name]);
  });

  it('as nobody listens', async () => {
    const mend = /is it up.*\(try: curl -v https:\/\/127\.0\.0\.1:\d+\/\)/;
    expect(await linesOf({ port: await closedPort() })).toEqual([
      line('server-connection', 'failing', /refused the connection/, mend),
    ]);
  });

  it('as it speaks no TLS', async () => {
    await using server = await startServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await linesOf(server)).toEqual([
      connected,
      line(
        'server-tls',
        'failing',
        /does not speak TLS; name its HTTPS port/,
        /openssl s_client -connect 127\.0\.0\.1:\d+/,
      ),
    ]);
  });

  it('as the proxy refuses, which is told with its name', async () => {
    await using proxy = await startServer((socket) => void socket.end(httpAnswer(403, 'no')));
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await linesOf({ port: 443 }, { host: 'logs.example.invalid', env })).toEqual([
      line(
        'server-connection',
        'failing',
        /the proxy .* refused a tunnel .*\(403\)/,
        /name the host in NO_PROXY/,
      ),
    ]);
  });
});

it('through a proxy, it is the proxy that knows the name', async () => {
  const host = 'logs.example.invalid';
  await using server = await startServer(dated(0), leaf({ hosts: [host] }));
  await using proxy = await startServer((socket, text) => {
    if (!text.endsWith('\r\n\r\n')) return;
    socket.removeAllListeners('data').pause();
    const upstream = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  const [first, ...others] = await linesOf({ port: 443 }, { host, env });
  expect(first).toEqual(
    line(
      'server-connection',
      'ok',
      new RegExp(`^connected through the proxy 127\\.0\\.0\\.1:${proxy.port} `),
    ),
  );
  expect(others).toEqual([trusted, leafIsFine, issuerIsFine, clockIsFine]);
});
