import { once } from 'node:events';
import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { accepting, clientKey, Proxying, sha256, someBytes } from './proxying.ts';

describe('a request through the proxy', () => {
  it('reaches the server with the token, and without what is for the proxy alone', async () => {
    await using proxying = await Proxying.start();
    const answer = await proxying.post(Buffer.from('[]'), {
      path: '/api/v2/events?x=1',
      headers: {
        authorization: 'Bearer of the client',
        connection: 'keep-alive, x-hop',
        'x-hop': 'ends here',
        te: 'trailers',
        'proxy-authorization': 'Basic eDp5',
        'content-type': 'application/json',
      },
    });
    expect(answer).toMatchObject({ status: 200, body: Buffer.from('taken') });
    const [{ headers, url, method } = { headers: {} }] = proxying.received;
    expect({ url, method }).toEqual({ url: '/api/v2/events?x=1', method: 'POST' });
    expect(headers).toMatchObject({
      authorization: 'Bearer first',
      'content-type': 'application/json',
      'content-length': '2',
      via: '1.1 tokenward',
    });
    for (const name of ['x-hop', 'te', 'proxy-authorization', 'x-tokenward-key'])
      expect(headers).not.toHaveProperty(name);
    expect(JSON.stringify(proxying.received)).not.toContain(clientKey);
  });

  it('carries the token in the header that the agent has', async () => {
    await using proxying = await Proxying.start({ tokenHeader: { name: 'X-JWT-Token', scheme: null } });
    proxying.behaviour = (_request, response) => response.end();
    await proxying.post(Buffer.from('[]'), { headers: { 'x-jwt-token': 'of the client' } });
    expect(proxying.received[0]?.headers['x-jwt-token']).toBe('first');
    expect(proxying.received[0]?.headers).not.toHaveProperty('authorization');
  });

  it('keeps the connections on both sides', async () => {
    await using proxying = await Proxying.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 3; round += 1) await proxying.post(Buffer.from('[]'), { agent });
    agent.destroy();
    expect(proxying.connections).toBe(1);
  });

  it('passes the answer as it is, but for what is about the connection', async () => {
    await using proxying = await Proxying.start();
    const body = gzipSync(someBytes(100_000));
    proxying.behaviour = (_request, response) => {
      response.writeHead(429, {
        'content-encoding': 'gzip',
        'retry-after': '7',
        'set-cookie': ['a=1', 'b=2'],
      });
      response.end(body);
    };
    const answer = await proxying.post(Buffer.from('[]'));
    expect(answer.status).toBe(429);
    expect(answer.headers).toMatchObject({
      'content-encoding': 'gzip',
      'retry-after': '7',
      'set-cookie': ['a=1', 'b=2'],
    });
    expect(answer.body.equals(body)).toBe(true);
  });

  it('waits for the first token', async () => {
    await using proxying = await Proxying.start();
    proxying.clock.advance(600_000);
    proxying.behaviour = accepting('second');
    const answer = proxying.post(Buffer.from('[]'));
    await eventually(() => expect(proxying.agent.listeners).toBe(1));
    proxying.agent.publish('second');
    expect(await answer).toMatchObject({ status: 200 });
  });

  it('is answered 503 when no token comes, and then at once', async () => {
    await using proxying = await Proxying.start();
    proxying.clock.advance(600_000);
    const waiting = proxying.post(Buffer.from('[]'));
    await eventually(() => expect(proxying.agent.listeners).toBe(1));
    proxying.clock.advance(15_000);
    expect(await waiting).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(await proxying.post(Buffer.from('[]'))).toMatchObject({ status: 503 });
    expect(proxying.received).toEqual([]);
  });

  it('is not sent again where the server breaks off, as it may have been taken', async () => {
    await using proxying = await Proxying.start();
    proxying.behaviour = (request) => request.socket.resetAndDestroy();
    const answer = await proxying.post(Buffer.from('[]'));
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    expect(proxying.received).toHaveLength(1);
  });

  it('is answered 503 where there is no server', async () => {
    await using proxying = await Proxying.start();
    proxying.server.close();
    expect(await proxying.post(Buffer.from('[]'))).toMatchObject({ status: 503 });
  });

  it('is answered 503 where the server takes too long', async () => {
    await using proxying = await Proxying.start();
    proxying.behaviour = () => {};
    const answer = proxying.post(Buffer.from('[]'));
    await eventually(() => expect(proxying.received).toHaveLength(1));
    proxying.clock.advance(60_000);
    expect(await answer).toMatchObject({ status: 503 });
  });

  it.each(['the first time', 'the second time'])(
    'is answered 503 where the server takes no more of its body: %s',
    async (time) => {
      await using proxying = await Proxying.start();
      const stallsAt = time === 'the first time' ? 'Bearer first' : 'Bearer second';
      let stalled = 0;
      proxying.early = (request) => {
        if (request.headers.authorization !== stallsAt) return false;
        stalled += 1;
        return true;
      };
      proxying.behaviour = (_request, response) => void response.writeHead(401).end();
      const answer = proxying.post(someBytes(16 * 1024 * 1024));
      let status = 0;
      void answer.then((got) => (status = got.status));
      if (time === 'the second time') {
        await eventually(() => expect(proxying.agent.rejections).toHaveLength(1));
        proxying.agent.publish('second');
      }
      await eventually(() => expect(stalled).toBe(1));
      // It may take a while until nothing moves.
      await eventually(() => {
        proxying.clock.advance(60_000);
        expect(status).toBe(503);
      });
      expect(JSON.parse((await answer).body.toString())).toMatchObject({ code: 'SERVER_UNREACHABLE' });
      expect(stalled).toBe(1);
    },
  );

  it('has time for a body that comes slowly', async () => {
    await using proxying = await Proxying.start();
    const socket = proxying.connect().setEncoding('utf8');
    socket.write(
      `POST /api/v2/events HTTP/1.1\r\nHost: localhost\r\nX-Tokenward-Key: ${clientKey}\r\nContent-Length: 2\r\n\r\n[`,
    );
    await eventually(() => expect(proxying.connections).toBe(1));
    proxying.clock.advance(120_000);
    socket.write(']');
    const [answer] = (await once(socket, 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  });

  it('ends at the server when its client goes', async () => {
    await using proxying = await Proxying.start();
    const gone = Promise.withResolvers<void>();
    proxying.early = (request) => {
      request.once('error', () => gone.resolve()).resume();
      return true;
    };
    const socket = proxying.connect();
    socket.write(
      `POST /api/v2/events HTTP/1.1\r\nHost: localhost\r\nX-Tokenward-Key: ${clientKey}\r\nContent-Length: 9\r\n\r\n[`,
    );
    await eventually(() => expect(proxying.connections).toBe(1));
    socket.destroy();
    await expect(gone.promise).resolves.toBeUndefined();
  });

  it('breaks off where the server does so within its answer', async () => {
    await using proxying = await Proxying.start();
    proxying.behaviour = (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => request.socket.destroy());
    };
    await expect(proxying.post(Buffer.from('[]'))).rejects.toThrow('aborted');
  });
});

describe('an answer that comes before the body has ended', () => {
  it('is passed on, and the rest of the body is read', async () => {
    await using proxying = await Proxying.start();
    proxying.early = (_request, response) => {
      response.writeHead(413, { connection: 'close' }).end('enough');
      return true;
    };
    const answer = await proxying.post(someBytes(8 * 1024 * 1024));
    expect(answer).toMatchObject({ status: 413, body: Buffer.from('enough') });
  });

  it('is looked at also where the server ends its side of the connection with it', async () => {
    await using proxying = await Proxying.start();
    const body = someBytes(300_000);
    proxying.behaviour = accepting('second');
    proxying.early = (request, response) => {
      if (request.headers.authorization !== 'Bearer first') return false;
      response.writeHead(401, { 'content-length': '0', connection: 'close' }).end();
      request.resume();
      return true;
    };
    const answer = proxying.post(body);
    await eventually(() => expect(proxying.agent.rejections).toHaveLength(1));
    proxying.agent.publish('second');
    expect(await answer).toMatchObject({ status: 200 });
    expect(proxying.received).toMatchObject([{ bytes: 300_000, sha256: sha256(body) }]);
  });
});

const head = (length: number, expectation = '100-continue') =>
  `POST /api/v2/events HTTP/1.1\r\nHost: localhost\r\nX-Tokenward-Key: ${clientKey}\r\nExpect: ${expectation}\r\nContent-Length: ${length}\r\n\r\n`;

describe('a client that expects 100-continue', () => {
  it('is told to go on, and then answered', async () => {
    await using proxying = await Proxying.start();
    const socket = proxying.connect().setEncoding('utf8');
    socket.write(head(2));
    const [first] = (await once(socket, 'data')) as [string];
    expect(first).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('[]');
    const [second] = (await once(socket, 'data')) as [string];
    expect(second).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(proxying.received[0]?.headers).not.toHaveProperty('expect');
    socket.destroy();
  });

  it.each([
    ['a body that is too large', head(200 * 1024 * 1024), '413'],
    ['something else', head(2, 'the-unexpected'), '417'],
  ])('is refused before it sends: %s', async (_what, text, status) => {
    await using proxying = await Proxying.start();
    const socket = proxying.connect().setEncoding('utf8');
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [string];
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    await once(socket, 'close');
    expect(proxying.received).toEqual([]);
  });
});
