import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { clientFor, connected, exchange, httpAnswerOf, patience, textOf, timeouts } from './clients.ts';
import { answering, httpAnswer, isWhole, type Script, startServer } from './servers.ts';

const cap = 64 * 1024;
const origin = (server: { readonly port: number }): string => `http://127.0.0.1:${server.port}`;

/** A body without end. */
const endless: Script = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
  const write = (): void =>
    void (socket.writable && socket.write(`1000\r\n${'x'.repeat(0x1000)}\r\n`, write));
  write();
};

describe('an answer', () => {
  it('comes with status, the headers that matter, and the body', async () => {
    const headers = { 'content-type': 'application/json', 'retry-after': '7', 'x-other': 'left out' };
    await using server = await startServer(answering(httpAnswer(429, '{"a":1}', headers)));
    const answer = await httpAnswerOf(clientFor(origin(server)));
    expect(answer).toEqual({
      kind: 'http',
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '7' },
      body: new Uint8Array(Buffer.from('{"a":1}')),
      complete: true,
    });
  });

  it('is asked for with one request over one connection, which is closed afterwards', async () => {
    await using server = await startServer(
      (socket, text) => void (isWhole(text) && socket.write(httpAnswer(200, 'ok'))),
    );
    await httpAnswerOf(clientFor(origin(server)));
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatch(
      /^POST \/exchange HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nconnection: close\r\n/,
    );
    expect(server.received[0]).toMatch(/\r\n\r\n\{"secret":"s3cret"\}$/);
    await expect.poll(() => server.open()).toBe(0);
  });

  it('is asked for below the path of the url', async () => {
    await using server = await startServer(
      (socket, text) => void (isWhole(text) && socket.write(httpAnswer(200, 'ok'))),
    );
    await httpAnswerOf(clientFor(`${origin(server)}/logs/`));
    expect(server.received[0]).toMatch(/^POST \/logs\/exchange HTTP/);
  });

  it('may be announced by informational answers', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    await using server = await startServer(answering(early + httpAnswer(200, 'ok')));
    expect(await httpAnswerOf(clientFor(origin(server)))).toMatchObject({ status: 200, complete: true });
  });

  it('that redirects is not followed', async () => {
    await using elsewhere = await startServer(answering(httpAnswer(200, 'here')));
    const location = `${origin(elsewhere)}/exchange`;
    await using server = await startServer(answering(httpAnswer(307, '', { location })));
    expect(await httpAnswerOf(clientFor(origin(server)))).toMatchObject({
      status: 307,
      headers: { location },
    });
    expect(elsewhere.accepted()).toBe(0);
  });
});

describe('the limit on the body', () => {
  it.each([
    [cap, cap, true],
    [cap + 1, cap, false],
    [1024 * 1024, cap, false],
  ])('makes of %i bytes %i, complete: %s', async (sent, kept, complete) => {
    await using server = await startServer(answering(httpAnswer(200, 'x'.repeat(sent))));
    const answer = await httpAnswerOf(clientFor(origin(server)));
    expect(answer).toMatchObject({ status: 200, complete });
    expect(answer.body).toHaveLength(kept);
  });

  it('ends the reading of a body without end', async () => {
    await using server = await startServer(endless);
    const answer = await httpAnswerOf(clientFor(origin(server)));
    expect(answer.complete).toBe(false);
    expect(answer.body).toHaveLength(cap);
    await expect.poll(() => server.open()).toBe(0);
  });

  it('can be set for a request', async () => {
    await using server = await startServer(answering(httpAnswer(200, 'x'.repeat(cap + 1))));
    const answer = await clientFor(origin(server)).send({ ...exchange, maxBodyBytes: 2 * cap }, patience());
    expect(answer).toMatchObject({ complete: true });
  });
});

describe('an incomplete answer keeps what arrived', () => {
  const half = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"access_token":"a';
  it.each<[string, Script]>([
    ['the server closes', answering(half)],
    [
      'the server resets',
      (socket) => void socket.write(half, () => setImmediate(() => socket.resetAndDestroy())),
    ],
    ['the server falls silent', (socket) => void socket.write(half)],
    [
      'a chunk is malformed',
      answering('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"ac\r\nzzz\r\n'),
    ],
  ])('%s', async (_case, script) => {
    await using server = await startServer(script);
    const answer = await httpAnswerOf(clientFor(origin(server), { timeouts: { ...timeouts, bodyMs: 200 } }));
    expect(answer).toMatchObject({ status: 200, complete: false });
    expect(textOf(answer)).toMatch(/^\{"ac/);
  });
});

describe('a request that left and got no status', () => {
  it.each<[string, Script, string]>([
    ['is reset when the server resets', (socket) => void socket.resetAndDestroy(), 'reset'],
    ['is reset when the server closes', (socket) => void socket.end(), 'reset'],
    ['is reset in the middle of the head', answering('HTTP/1.1 200 OK\r\ncontent-'), 'reset'],
    ['times out when the server says nothing', () => {}, 'timeout'],
    [
      'times out after an informational answer',
      (socket) => void socket.write('HTTP/1.1 103 Early\r\n\r\n'),
      'timeout',
    ],
    ['is a protocol error when the answer is not HTTP', answering('SSH-2.0-OpenSSH_9.2\r\n'), 'protocol'],
    [
      'is a protocol error when the head is too large',
      answering(httpAnswer(200, '', { a: 'x'.repeat(40_000) })),
      'protocol',
    ],
  ])('%s', async (_case, script, reason) => {
    await using server = await startServer(script);
    const client = clientFor(origin(server), { timeouts: { ...timeouts, headersMs: 200 } });
    expect(await client.send(exchange, patience())).toEqual({ kind: 'unanswered', reason });
    expect(server.received).toHaveLength(1);
    expect(server.accepted()).toBe(1);
  });

  it.each([
    ['aborted', new Error('shutting down')],
    ['timeout', new DOMException('the deadline is over', 'TimeoutError')],
  ])('is %s when the caller gives up for that reason', async (reason, cause) => {
    const abort = new AbortController();
    await using server = await startServer((_socket, text) => {
      if (isWhole(text)) abort.abort(cause);
    });
    expect(await clientFor(origin(server)).send(exchange, abort.signal)).toEqual({
      kind: 'unanswered',
      reason,
    });
    await expect.poll(() => server.open()).toBe(0);
  });

  it('is incomplete when the caller gives up within the body', async () => {
    const abort = new AbortController();
    await using server = await startServer(
      (socket) =>
        void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc', () =>
          setTimeout(() => abort.abort(), 50),
        ),
    );
    const answer = await clientFor(origin(server)).send(exchange, abort.signal);
    expect(answer).toMatchObject({ kind: 'http', complete: false });
  });
});

describe('a request that never left is not-sent', () => {
  const notSent = { kind: 'not-sent', code: 'SERVER_UNREACHABLE' };

  it.each<[string, (socket: Socket) => Promise<unknown>]>([
    ['the server closed the connection before', (socket) => once(socket.end(), 'finish')],
    ['the server reset the connection before', (socket) => once(socket.resetAndDestroy(), 'close')],
    [
      'the server spoke before',
      (socket) => new Promise((resolve) => void socket.write('HTTP/1.1 408 Late\r\n\r\n', resolve)),
    ],
  ])('when %s', async (_case, act) => {
    const sockets: Socket[] = [];
    await using server = await startServer(
      () => {},
      undefined,
      (socket) => void sockets.push(socket),
    );
    const connection = await connected(clientFor(origin(server)));
    await expect.poll(() => sockets.length).toBe(1);
    await Promise.all(sockets.map(act));
    expect(await connection.request(exchange, patience())).toMatchObject(notSent);
    expect(server.received).toEqual([]);
  });

  it('when the caller gave up before', async () => {
    await using server = await startServer(() => {});
    const connection = await connected(clientFor(origin(server)));
    expect(await connection.request(exchange, AbortSignal.abort())).toMatchObject(notSent);
    expect(server.received).toEqual([]);
  });

  it('when the connection is used up or closed', async () => {
    await using server = await startServer(answering(httpAnswer(200, 'ok')));
    const connection = await connected(clientFor(origin(server)));
    expect(await connection.request(exchange, patience())).toMatchObject({ kind: 'http' });
    expect(await connection.request(exchange, patience())).toMatchObject(notSent);
    const closed = await connected(clientFor(origin(server)));
    await closed.close();
    expect(await closed.request(exchange, patience())).toMatchObject(notSent);
    expect(server.received).toHaveLength(1);
  });

  it('when it cannot be written as HTTP', async () => {
    await using server = await startServer(() => {});
    const answer = await clientFor(origin(server)).send(
      { ...exchange, headers: { authorization: 'a\nb' } },
      patience(),
    );
    expect(answer).toMatchObject(notSent);
    expect(server.received).toEqual([]);
  });
});
