import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { clientFor, connected, exchange, patience, timeouts } from './clients.ts';
import { answering, closedPort, httpAnswer, startServer } from './servers.ts';

const unreachable = (reason: RegExp): object => ({
  kind: 'not-sent',
  code: 'SERVER_UNREACHABLE',
  reason: expect.stringMatching(reason) as string,
});

describe('connecting', () => {
  it('is done before there is a request', async () => {
    await using server = await startServer(answering(httpAnswer(200, 'ok')));
    const connection = await connected(clientFor(`http://127.0.0.1:${server.port}`));
    await expect.poll(() => server.accepted()).toBe(1);
    expect(server.received).toEqual([]);
    expect(await connection.request(exchange, patience())).toMatchObject({ kind: 'http', status: 200 });
    expect(server.accepted()).toBe(1);
  });

  it('is undone by close', async () => {
    await using server = await startServer(() => {});
    const connection = await connected(clientFor(`http://127.0.0.1:${server.port}`));
    await expect.poll(() => server.open()).toBe(1);
    await connection.close();
    await connection.close();
    await expect.poll(() => server.open()).toBe(0);
  });

  it.each(['http://localhost', 'http://127.0.0.1', 'https://localhost'])(
    'is refused by %s',
    async (origin) => {
      const port = await closedPort();
      const answer = await clientFor(`${origin}:${port}`).connect(patience());
      expect(answer).toEqual(unreachable(new RegExp(`:${port} refused the connection: is it up`)));
    },
  );

  it('fails for a host that does not exist', async () => {
    const answer = await clientFor('https://logs.invalid').connect(patience());
    expect(answer).toEqual(unreachable(/logs\.invalid.*name servers; to try: getent hosts logs\.invalid/));
  });

  it('fails when the server is silent for too long', async () => {
    await using server = await startServer(() => {});
    const client = clientFor(`https://localhost:${server.port}`, {
      timeouts: { ...timeouts, connectMs: 150 },
    });
    expect(await client.connect(patience())).toEqual(
      unreachable(/^no connection to localhost:\d+ within 150 ms/),
    );
    await expect.poll(() => server.open()).toBe(0);
  });

  it('fails when the server closes within the handshake', async () => {
    await using server = await startServer((socket) => void socket.destroy());
    const answer = await clientFor(`https://localhost:${server.port}`).connect(patience());
    expect(answer).toMatchObject({
      code: 'SERVER_TLS_FAILED',
      reason: expect.stringMatching(/closed the connection during the TLS handshake/) as string,
    });
  });

  it.each(['before', 'meanwhile'])('ends when the caller gives up %s', async (moment) => {
    await using server = await startServer(() => {});
    const abort = new AbortController();
    if (moment === 'before') abort.abort();
    const answer = clientFor(`https://localhost:${server.port}`).connect(abort.signal);
    if (moment === 'meanwhile') await expect.poll(() => server.received.length).toBe(1);
    abort.abort(new Error('shutting down'));
    expect(await answer).toEqual(unreachable(/was given up/));
    await expect.poll(() => server.open()).toBe(0);
  });

  it('in the clear is only for this host', () => {
    expect(() => clientFor('http://logs.example.com')).toThrow(TokenwardError);
    expect(() => clientFor('http://127.0.0.1.example.com')).toThrow(/use https/);
    expect(clientFor('http://[::1]:8080/path').origin).toBe('http://[::1]:8080');
  });
});
