import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/domain/outcome.ts';
import { clientFor, exchange, patience, timeouts } from './clients.ts';
import { newAuthority, serverLeaf, temporaryFolder } from './identities.ts';
import { answering, closedPort, httpAnswer, type ScriptedServer, startServer } from './servers.ts';

const authority = newAuthority();
const folder = temporaryFolder();
const tls = { caFile: folder.write('ca.pem', authority.cert) };
afterAll(() => folder[Symbol.dispose]());

/** A name that only the proxy resolves, so that no test reaches the server by itself. */
const host = 'logs.example.invalid';
const ok = answering(httpAnswer(200, 'ok'));
const httpsServer = (): Promise<ScriptedServer> => startServer(ok, serverLeaf(authority, { hosts: [host] }));

/** A proxy that takes every CONNECT to `port` of this host, or gives `refusal` for an answer. */
function startProxy(port: number, refusal?: string, secure?: TlsOptions): Promise<ScriptedServer> {
  return startServer((socket, text) => {
    if (!text.endsWith('\r\n\r\n')) return;
    if (refusal !== undefined) socket.end(refusal);
    else void tunnel(socket, port);
  }, secure);
}

async function tunnel(socket: Socket, port: number): Promise<void> {
  socket.removeAllListeners('data').pause();
  const upstream = connect(port, '127.0.0.1');
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
  await once(upstream, 'connect');
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  socket.pipe(upstream).pipe(socket);
}

function send(env: Readonly<Record<string, string>>, port: number): Promise<Answer> {
  return clientFor(`https://${host}:${port}`, { tls, env, timeouts }).send(exchange, patience());
}

const unreachable = (reason: RegExp): object => ({
  kind: 'not-sent',
  code: 'SERVER_UNREACHABLE',
  reason: expect.stringMatching(reason) as string,
});

describe('HTTPS_PROXY', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])('%s leads through the proxy, TLS from end to end', async (name) => {
    await using server = await httpsServer();
    await using proxy = await startProxy(server.port);
    expect(await send({ [name]: `http://127.0.0.1:${proxy.port}` }, server.port)).toMatchObject({
      status: 200,
    });
    expect(proxy.received).toHaveLength(1);
    expect(proxy.received[0]).toMatch(
      new RegExp(`^CONNECT ${host}:${server.port} HTTP/1.1\r\nhost: ${host}:${server.port}\r\n`),
    );
    expect(proxy.received[0]).not.toMatch(/authorization|s3cret/i);
    await expect.poll(() => [proxy.open(), server.open()]).toEqual([0, 0]);
  });

  it('may lack its scheme, and carry user and password', async () => {
    await using server = await httpsServer();
    await using proxy = await startProxy(server.port);
    expect(await send({ HTTPS_PROXY: `us%40er:pa%3Ass@127.0.0.1:${proxy.port}` }, server.port)).toMatchObject(
      { status: 200 },
    );
    const expected = Buffer.from('us@er:pa:ss').toString('base64');
    expect(proxy.received[0]).toContain(`proxy-authorization: Basic ${expected}\r\n`);
    expect(server.received[0]).not.toMatch(/proxy-authorization/i);
  });

  it('may name a proxy that is spoken to over TLS, and is trusted by this host', async () => {
    await using server = await httpsServer();
    await using proxy = await startProxy(server.port, undefined, serverLeaf(authority));
    const env = { HTTPS_PROXY: `https://localhost:${proxy.port}` };
    // tls.ca_file is about the server.
    expect(await send(env, server.port)).toEqual(
      unreachable(/certificate of localhost is not signed.*; it is the proxy of HTTPS_PROXY/),
    );
    const trusted = getCACertificates();
    setDefaultCACertificates([authority.cert]);
    try {
      expect(await send(env, server.port)).toMatchObject({ status: 200 });
      expect(proxy.received).toHaveLength(1);
    } finally {
      setDefaultCACertificates(trusted);
    }
  });

  it.each([
    [407, /^the proxy 127\.0\.0\.1:\d+ demands a login \(407\): put user and password into HTTPS_PROXY/],
    [403, /^the proxy 127\.0\.0\.1:\d+ refused a tunnel to logs\.example\.invalid:\d+ \(403\)/],
    [302, /refused a tunnel .*\(302\)/],
    [502, /refused a tunnel .*\(502\)/],
  ])('leads nowhere when the proxy answers CONNECT with %i', async (status, reason) => {
    await using proxy = await startProxy(0, httpAnswer(status, 'no'));
    const answer = await send({ HTTPS_PROXY: `http://user:hidden@127.0.0.1:${proxy.port}` }, 443);
    expect(answer).toEqual(unreachable(reason));
    expect(JSON.stringify(answer)).not.toContain('hidden');
    await expect.poll(() => proxy.open()).toBe(0);
  });

  it('leads nowhere when nobody listens there', async () => {
    const answer = await send({ HTTPS_PROXY: `http://127.0.0.1:${await closedPort()}` }, 443);
    expect(answer).toEqual(
      unreachable(
        /the proxy before .* cannot be used: 127\.0\.0\.1:\d+ refused the connection: .* HTTPS_PROXY/,
      ),
    );
  });

  it('leads nowhere when the proxy closes or is silent', async () => {
    await using closing = await startServer((socket) => void socket.end());
    expect(await send({ HTTPS_PROXY: `http://127.0.0.1:${closing.port}` }, 443)).toEqual(
      unreachable(/the proxy before .* cannot be used/),
    );
    await using silent = await startServer(() => {});
    const client = clientFor(`https://${host}`, {
      env: { HTTPS_PROXY: `http://127.0.0.1:${silent.port}` },
      timeouts: { ...timeouts, connectMs: 150 },
    });
    expect(await client.connect(patience())).toEqual(unreachable(/within 150 ms/));
    await expect.poll(() => silent.open()).toBe(0);
  });

  it('still has the server verified', async () => {
    await using server = await startServer(ok, serverLeaf(authority, { hosts: ['other.example.com'] }));
    await using proxy = await startProxy(server.port);
    const answer = await send({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }, server.port);
    expect(answer).toMatchObject({
      code: 'SERVER_TLS_FAILED',
      reason: expect.stringContaining('is for other.example.com, not logs') as string,
    });
  });

  it('is not used for servers on this host, nor HTTP_PROXY', async () => {
    await using server = await startServer(ok);
    const nowhere = `http://127.0.0.1:${await closedPort()}`;
    const client = clientFor(`http://localhost:${server.port}`, {
      env: { HTTPS_PROXY: nowhere, HTTP_PROXY: nowhere, http_proxy: nowhere },
    });
    expect(await client.send(exchange, patience())).toMatchObject({ status: 200 });
  });

  it.each(['socks5://127.0.0.1:1080', 'http://', 'ftp://proxy'])(
    'is refused at once as %s',
    (HTTPS_PROXY) => {
      expect(() => clientFor(`https://${host}`, { env: { HTTPS_PROXY } })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
      );
    },
  );
});
