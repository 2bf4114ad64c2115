import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { unknownPeer } from '../../../../src/serve/peer.ts';
import { clientKey, Proxying } from './proxying.ts';

const keyed = `X-Tokenward-Key: ${clientKey}\r\n`;

async function said(proxying: Proxying, request: string): Promise<string> {
  const socket = proxying.connect();
  await once(socket, 'connect');
  const answer = text(socket);
  socket.write(request);
  return answer;
}

describe('who may send', () => {
  it.each([
    ['shows nothing', {}],
    ['shows another key', { 'x-tokenward-key': 'a-key-of-this-host-alone.' }],
    ['shows another password', { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }],
    ['shows the key as user', { authorization: `Basic ${Buffer.from(`${clientKey}:`).toString('base64')}` }],
    ['shows it as a token', { authorization: `Bearer ${clientKey}` }],
  ])('is nobody who %s', async (_what, headers) => {
    await using proxying = await Proxying.start();
    const answer = await proxying.post(Buffer.from('[]'), { headers: { 'x-tokenward-key': '', ...headers } });
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="tokenward"' } });
    expect(answer.body.toString()).not.toContain(clientKey);
    expect(proxying.received).toEqual([]);
    expect(proxying.log.lines.map(({ event }) => event)).toEqual(['proxy-client-refused']);
  });

  it('is whoever shows the key as a password, under any name', async () => {
    await using proxying = await Proxying.start();
    const authorization = `Basic ${Buffer.from(`any:${clientKey}`).toString('base64')}`;
    const answer = await proxying.post(Buffer.from('[]'), {
      headers: { authorization, 'x-tokenward-key': '' },
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(proxying.received[0]?.headers.authorization).toBe('Bearer first');
  });

  it('is the user of the rule, without a key', async () => {
    await using proxying = await Proxying.start({ client: { key: null, user: 1234 } });
    const headers = { 'x-tokenward-key': '' };
    proxying.peer = { ...unknownPeer, uid: 1234 };
    expect(await proxying.post(Buffer.from('[]'), { headers })).toMatchObject({ status: 200 });
    proxying.peer = { ...unknownPeer, uid: 1235 };
    expect(await proxying.post(Buffer.from('[]'), { headers })).toMatchObject({ status: 401 });
    proxying.peer = unknownPeer;
    expect(await proxying.post(Buffer.from('[]'), { headers })).toMatchObject({ status: 401 });
    proxying.listener.update(await proxying.rules({ client: { key: null, user: 65_534 } }));
    proxying.peer = { ...unknownPeer, uid: 65_534 };
    expect(await proxying.post(Buffer.from('[]'), { headers })).toMatchObject({ status: 401 });
  });

  it('goes by the key that is in the file now', async () => {
    await using proxying = await Proxying.start();
    const another = 'another-key-of-this-host';
    writeFileSync(join(proxying.folder, 'proxy.key'), another);
    expect(await proxying.post(Buffer.from('[]'))).toMatchObject({ status: 401 });
    expect(await proxying.post(Buffer.from('[]'), { headers: { 'x-tokenward-key': another } })).toMatchObject(
      {
        status: 200,
      },
    );
  });
});

describe('what may be sent', () => {
  it.each([
    ['another path', 'POST /api/v2/agent/secrets/exchange HTTP/1.1\r\nHost: localhost\r\n', 404],
    [
      'a path out of an allowed one',
      'POST /api/v2/events/ingest/../../sessions HTTP/1.1\r\nHost: localhost\r\n',
      400,
    ],
    [
      'an encoded slash',
      'POST /api/v2/events/ingest/..%2f..%2fsessions HTTP/1.1\r\nHost: localhost\r\n',
      400,
    ],
    ['another host', 'POST /api/v2/events HTTP/1.1\r\nHost: rebound.example\r\n', 421],
    ['another server', 'POST http://rebound.example/api/v2/events HTTP/1.1\r\nHost: localhost\r\n', 421],
    ['another method', 'DELETE /api/v2/events HTTP/1.1\r\nHost: localhost\r\n', 405],
  ])('is not %s', async (_what, head, status) => {
    await using proxying = await Proxying.start();
    const answer = await said(proxying, `${head}${keyed}Content-Length: 0\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(String.raw`^HTTP/1\.1 ${status} `));
    expect(proxying.received).toEqual([]);
  });

  it('is no tunnel', async () => {
    await using proxying = await Proxying.start();
    expect(await said(proxying, `CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: 10.0.0.1\r\n${keyed}\r\n`)).toBe('');
  });

  it.each([
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n'],
    ['a length beside chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n'],
    ['an unknown encoding', 'Transfer-Encoding: chunked, identity\r\n'],
  ])('has one end: %s', async (_what, framing) => {
    await using proxying = await Proxying.start();
    const answer = await said(
      proxying,
      `POST /api/v2/events HTTP/1.1\r\nHost: localhost\r\n${keyed}${framing}\r\n[]`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(proxying.received).toEqual([]);
  });
});
