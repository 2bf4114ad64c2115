import { connect, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import type { TlsSettings } from '../../../src/platform/http/tls-files.ts';
import { clientFor, connected, exchange, patience } from './clients.ts';
import { clientLeaf, newAuthority, serverLeaf, temporaryFolder } from './identities.ts';
import { answering, httpAnswer, type ScriptedServer, startServer } from './servers.ts';

const day = 86_400_000;
const authority = newAuthority();
const folder = temporaryFolder();
const caFile = folder.write('ca.pem', authority.cert);
afterAll(() => folder[Symbol.dispose]());

const ok = answering(httpAnswer(200, 'ok'));
const httpsServer = (tls: TlsOptions = serverLeaf(authority)): Promise<ScriptedServer> =>
  startServer(ok, tls);

/** Over localhost, unless told otherwise. */
function send(server: ScriptedServer, tls: TlsSettings = { caFile }, host = 'localhost'): Promise<unknown> {
  return clientFor(`https://${host}:${server.port}`, { tls }).send(exchange, patience());
}

/** Settings with a client certificate, in files of that name. */
const identity = (name: string, leaf: { cert: string; key: string }): TlsSettings => ({
  caFile,
  certFile: folder.write(`${name}.crt`, leaf.cert),
  keyFile: folder.write(`${name}.key`, leaf.key),
});

const tlsFailed = (reason: RegExp): object => ({
  kind: 'not-sent',
  code: 'SERVER_TLS_FAILED',
  reason: expect.stringMatching(reason) as string,
});

describe('a server with a certificate of the CA in tls.ca_file', () => {
  it.each(['localhost', '127.0.0.1'])('is trusted as %s', async (host) => {
    await using server = await httpsServer();
    expect(await send(server, { caFile }, host)).toMatchObject({ status: 200 });
  });

  it('is trusted where the file holds more than one certificate', async () => {
    await using server = await httpsServer();
    const bundle = folder.write('bundle.pem', `a comment\n${newAuthority().cert}${authority.cert}`);
    expect(await send(server, { caFile: bundle })).toMatchObject({ status: 200 });
  });

  it('is trusted under the name in tls.server_name, which it is asked for', async () => {
    const asked: string[] = [];
    await using server = await httpsServer({
      ...serverLeaf(authority, { hosts: ['logs.example.com'] }),
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    });
    expect(await send(server, { caFile, serverName: 'logs.example.com' }, '127.0.0.1')).toMatchObject({
      status: 200,
    });
    expect(asked).toEqual(['logs.example.com']);
  });

  it('is not trusted with the CA of another', async () => {
    await using server = await httpsServer();
    const other = folder.write('other.pem', newAuthority().cert);
    expect(await send(server, { caFile: other })).toEqual(
      tlsFailed(/^the certificate of localhost is not signed by the CA in tls\.ca_file/),
    );
    expect(server.received).toEqual([]);
  });

  it('is not trusted without tls.ca_file', async () => {
    await using server = await httpsServer();
    expect(await send(server, {})).toEqual(
      tlsFailed(
        /not signed by a CA that this host trusts: set tls\.ca_file .* openssl s_client -connect localhost:\d+ /,
      ),
    );
  });

  it('is trusted as soon as the file says so', async () => {
    await using server = await httpsServer();
    const path = folder.write('rotated.pem', newAuthority().cert);
    const client = clientFor(`https://localhost:${server.port}`, { tls: { caFile: path } });
    expect(await client.send(exchange, patience())).toMatchObject({ code: 'SERVER_TLS_FAILED' });
    folder.write('rotated.pem', authority.cert);
    expect(await client.send(exchange, patience())).toMatchObject({ status: 200 });
    folder.write('rotated.pem', 'nothing');
    expect(await client.send(exchange, patience())).toMatchObject({
      kind: 'not-sent',
      code: 'CONFIG_INVALID',
    });
  });
});

describe('a certificate that is not good', () => {
  it('has expired: the message says when', async () => {
    const to = new Date(Date.now() - 3 * day);
    const validity = { from: new Date(Date.now() - 9 * day), to };
    await using server = await httpsServer(serverLeaf(authority, { validity }));
    const expected = new RegExp(
      `^the certificate of localhost expired on ${to.toISOString().slice(0, 10)}: renew`,
    );
    expect(await send(server)).toEqual(tlsFailed(expected));
  });

  it('is not valid yet', async () => {
    const validity = { from: new Date(Date.now() + day), to: new Date(Date.now() + 9 * day) };
    await using server = await httpsServer(serverLeaf(authority, { validity }));
    expect(await send(server)).toEqual(tlsFailed(/not valid yet: set this host's clock right/));
  });

  it.each<[string, readonly string[], TlsSettings, RegExp]>([
    [
      'another host',
      ['a.example.com', '10.0.0.1'],
      { caFile },
      /is for a\.example\.com, 10\.0\.0\.1, not localhost: .*tls\.server_name/,
    ],
    ['no host', [], { caFile }, /is for no host at all, not localhost/],
    [
      'not tls.server_name',
      ['localhost'],
      { caFile, serverName: 'b.example.com' },
      /is for localhost, not b\.example\.com/,
    ],
  ])('is for %s', async (_case, hosts, tls, reason) => {
    await using server = await httpsServer(serverLeaf(authority, { hosts }));
    expect(await send(server, tls)).toEqual(tlsFailed(reason));
    expect(server.received).toEqual([]);
  });
});

describe('the version of TLS', () => {
  it.each<[string, TlsOptions]>([
    ['1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  ])('%s is refused', async (_version, options) => {
    await using server = await httpsServer({ ...serverLeaf(authority), ...options });
    expect(await send(server)).toEqual(tlsFailed(/must speak TLS 1\.2 or newer/));
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken', async (version) => {
    await using server = await httpsServer({
      ...serverLeaf(authority),
      minVersion: version,
      maxVersion: version,
    });
    expect(await send(server)).toMatchObject({ status: 200 });
  });

  it('does not matter where no TLS is spoken', async () => {
    await using server = await startServer(
      answering(httpAnswer(400, 'speak TLS')),
      undefined,
      (socket) => void socket.write('HTTP/1.1 400 Bad\r\n\r\n'),
    );
    expect(await send(server)).toEqual(tlsFailed(/^localhost:\d+ does not speak TLS; name its HTTPS port/));
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a server that demands a client certificate over %s',
  (version) => {
    const demanding = (): TlsOptions => ({
      ...serverLeaf(authority),
      requestCert: true,
      ca: authority.cert,
      minVersion: version,
      maxVersion: version,
    });
    it('lets us in with ours', async () => {
      await using server = await httpsServer(demanding());
      expect(await send(server, identity('agent', clientLeaf(authority)))).toMatchObject({ status: 200 });
    });

    it('is not sent anything where we have none', async () => {
      await using server = await httpsServer(demanding());
      expect(await send(server)).toEqual(tlsFailed(/client certificate.*tls\.cert_file and tls\.key_file/));
      expect(server.received).toEqual([]);
    });

    it('is not sent anything where it does not accept ours', async () => {
      await using server = await httpsServer(demanding());
      const stranger = identity('stranger', clientLeaf(newAuthority('other CA')));
      expect(await send(server, stranger)).toEqual(
        tlsFailed(/does it accept the client certificate in tls\.cert_file/),
      );
      expect(server.received).toEqual([]);
    });
  },
);

it('a TLS 1.3 server that says nothing after the handshake is taken to accept', async () => {
  await using server = await httpsServer({ ...serverLeaf(authority), minVersion: 'TLSv1.3' });
  await using relay = await startTicketDelay(server.port);
  const connection = await connected(clientFor(`https://localhost:${relay.port}`, { tls: { caFile } }));
  expect(server.received).toEqual([]);
  expect(await connection.request(exchange, patience())).toMatchObject({ status: 200 });
});

/** Holds back what the server sends between the client's end of the handshake (its second flight) and the request (its third). */
function startTicketDelay(port: number): Promise<ScriptedServer> {
  const upstreams = new Map<Socket, Socket>();
  let flights = 0;
  return startServer(
    (socket) => {
      flights += 1;
      if (flights === 2) upstreams.get(socket)?.pause();
      if (flights === 3) upstreams.get(socket)?.resume();
    },
    undefined,
    (socket) => {
      const upstream = connect(port, '127.0.0.1');
      upstreams.set(socket, upstream);
      socket.pipe(upstream);
      upstream.on('data', (chunk) => socket.write(chunk));
      upstream.on('close', () => socket.end());
    },
  );
}
