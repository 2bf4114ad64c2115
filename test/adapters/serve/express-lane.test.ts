import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';

const token = (...headers: string[]) =>
  ['GET /v1/agents/web-01/token HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n');
/** The same request, with a header that the express lane does not know. */
const ordinary = (...headers: string[]) => token(...headers, 'X-Any: 1');

async function serving(): Promise<Serving> {
  const started = new Serving();
  started.agent().publish('abc');
  await started.listen();
  return started;
}

describe('an answer', () => {
  it.each([
    ['JSON', []],
    ['text', ['Accept: text/plain']],
    ['not modified', ['If-None-Match: "1"']],
  ])('is the same to the byte whoever gives it: %s', async (_form, headers) => {
    await using daemon = await serving();
    using express = new RawClient(daemon.path);
    using slow = new RawClient(daemon.path);
    await express.send(token(...headers));
    await slow.send(ordinary(...headers));
    expect(await express.responses(1)).toBe(await slow.responses(1));
  });
});

describe('a connection', () => {
  it('is served again and again', async () => {
    await using daemon = await serving();
    using client = new RawClient(daemon.path);
    for (let round = 0; round < 3; round += 1) {
      await client.send(token());
      expect(await client.responses(1)).toContain('"access_token":"abc"');
    }
  });

  it('goes on by node:http after the first request that is not plain', async () => {
    await using daemon = await serving();
    using client = new RawClient(daemon.path);
    await client.send(token());
    await client.responses(1);
    await client.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await client.responses(1)).toContain('\r\n\r\nok');
    await client.send(token());
    expect(await client.responses(1)).toContain('"access_token":"abc"');
  });

  it.each([
    ['in pieces', [token().slice(0, 10), token().slice(10, 40), token().slice(40)], 1],
    ['byte by byte', token().split(''), 1],
    ['two at once', [token() + token()], 2],
    ['one and a half, and the rest', [token() + token().slice(0, 20), token().slice(20)], 2],
    ['after empty lines', [`\r\n${token()}`], 1],
  ])('may bring its requests %s', async (_how, pieces, count) => {
    await using daemon = await serving();
    using client = new RawClient(daemon.path);
    for (const piece of pieces) await client.send(piece);
    const answers = await client.responses(count);
    expect(answers.split('"access_token":"abc"')).toHaveLength(count + 1);
  });

  it('ends when the client has said all', async () => {
    await using daemon = await serving();
    using client = new RawClient(daemon.path);
    await client.send(token());
    client.finish();
    expect(await client.untilEnded()).toContain('"access_token":"abc"');
  });

  it('ends when the client wants it', async () => {
    await using daemon = await serving();
    using client = new RawClient(daemon.path);
    await client.send(token('Connection: close'));
    expect(await client.untilEnded()).toMatch(/Connection: close[^]*"access_token":"abc"/);
  });

  it('carries a large body over to node:http', async () => {
    await using daemon = await serving();
    using client = new RawClient(daemon.path);
    await client.send(token());
    await client.responses(1);
    const body = 'x'.repeat(16 * 1024);
    await client.send(
      `PUT /v1/agents/web-01/secret HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const agent = daemon.agents.get('web-01');
    await eventually(() => expect(agent?.handOvers.map(({ secret }) => secret.reveal())).toEqual([body]));
  });

  it('does not pile up answers for a client that does not read them', async () => {
    await using daemon = new Serving();
    daemon.agent().publish('x'.repeat(8000));
    await daemon.listen();
    using client = new RawClient(daemon.path);
    const count = 400;
    client.stall();
    for (let sent = 0; sent < count; sent += 1) await client.send(token());
    client.resume();
    expect((await client.responses(count)).split('access_token')).toHaveLength(count + 1);
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['garbage', 'hello\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(9000)}\r\n\r\n`, 431],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
  ])('is refused as a problem document: %s', async (_what, bytes, status) => {
    await using daemon = await serving();
    using client = new RawClient(daemon.path);
    await client.send(bytes);
    const answer = await client.untilEnded();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(answer).toContain('"code":"REQUEST_INVALID"');
  });
});
