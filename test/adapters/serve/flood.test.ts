import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeAgent } from '../../fakes/fake-agent.ts';
import { eventually } from '../../support/eventually.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';

/** One who asks too much, or takes too little, is held to what others leave; nothing here is a matter of time. */

const token = (...headers: string[]) =>
  ['GET /v1/agents/web-01/token HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n');
/** By the express lane, and by node:http. */
const plain = token();
const ordinary = token('X-Any: 1');
const health = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

/** Counts the answers for which its token is looked at. */
class CountingAgent extends FakeAgent {
  asked = 0;

  override token() {
    this.asked += 1;
    return super.token();
  }
}

async function serving(text = 'abc'): Promise<{ daemon: Serving; agent: CountingAgent }> {
  const daemon = new Serving();
  const agent = new CountingAgent('web-01', daemon.clock);
  agent.publish(text);
  daemon.agents.set('web-01', agent);
  await daemon.listen();
  agent.asked = 0;
  return { daemon, agent };
}

/** How many requests are handled in each turn of the loop until there were `total`. */
async function askedPerTurn(agent: CountingAgent, total: number): Promise<number[]> {
  const steps: number[] = [];
  for (let before = 0; before < total;) {
    await setImmediate();
    steps.push(agent.asked - before);
    before = agent.asked;
  }
  return steps;
}

describe('a client that sends many requests in one piece', () => {
  it.each([
    ['one connection', 1],
    ['eight connections', 8],
  ])('gets some answers in each turn, and all in the end: %s', async (_how, connections) => {
    const { daemon, agent } = await serving();
    await using _ = daemon;
    const each = 500;
    const sockets = Array.from({ length: connections }, () => daemon.connect());
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    let received = 0;
    for (const socket of sockets) {
      socket.setEncoding('latin1').on('data', (text: string) => (received += countOf(text)));
      socket.write(ordinary.repeat(each));
    }
    const steps = await askedPerTurn(agent, each * connections);
    // of the user all together, and what the last piece of 1 KiB holds on top
    expect(Math.max(...steps)).toBeLessThan(64 + 1024 / ordinary.length);
    await eventually(() => expect(received).toBe(each * connections));
    for (const socket of sockets) socket.destroy();
  });

  it('asks on many connections and gets no more', async () => {
    const { daemon, agent } = await serving();
    await using _ = daemon;
    const sockets = Array.from({ length: 300 }, () => daemon.connect());
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) socket.write(plain);
    expect(Math.max(...(await askedPerTurn(agent, 300)))).toBeLessThanOrEqual(128);
    for (const socket of sockets) socket.destroy();
  });

  it('may have a body in the middle, and gets its answers in order', async () => {
    const { daemon } = await serving();
    await using _ = daemon;
    const body = 'x'.repeat(10_000);
    const post = `POST /v1/agents/web-01/token/rejections HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    let received = '';
    const socket = daemon.connect().setEncoding('latin1');
    socket.on('data', (text: string) => (received += text));
    socket.write(health.repeat(100) + post + health.repeat(100));
    const statuses = await eventually(() => {
      const all = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
      expect(all).toHaveLength(201);
      return all;
    });
    socket.destroy();
    expect(statuses.indexOf('400')).toBe(100);
  });
});

/** The number of answers when no further one comes in many turns. */
async function standstill(agent: CountingAgent): Promise<number> {
  let last = -1;
  for (let quiet = 0; quiet < 200; quiet += 1) {
    await setImmediate();
    if (agent.asked !== last) quiet = 0;
    last = agent.asked;
  }
  return last;
}

describe('a client that does not read', () => {
  it.each([
    ['what it asks plainly', plain],
    ['what it asks of node:http', ordinary],
  ])('gets no further work done: %s', async (_what, request) => {
    const { daemon, agent } = await serving('x'.repeat(8_000));
    await using _ = daemon;
    const socket = daemon.connect();
    await once(socket, 'connect');
    socket.pause();
    const total = 5_000;
    socket.write(request.repeat(total));
    await eventually(() => expect(agent.asked).toBeGreaterThan(0));
    // 200 KiB in the kernel, and what one chunk asked for
    const stands = await standstill(agent);
    expect(stands).toBeLessThan(200);
    expect(await daemon.ask('/healthz')).toMatchObject({ status: 200 });
    socket.destroy();
  });
});

async function slow(...pieces: readonly string[]) {
  const daemon = new Serving();
  await daemon.listen({ limits: { connections: 0, requestsPerSecond: 0, headerDeadlineMs: 3_000 } });
  const client = new RawClient(daemon.path);
  await client.send(health);
  await client.responses(1);
  for (const piece of pieces) await client.send(piece);
  return { daemon, client };
}

describe('a client that is slow with its headers', () => {
  const begin = 'GET /healthz HTTP/1.1\r\nHost: x\r\n';
  it('is told so and cut off when the deadline is over, however it drips', async () => {
    const { daemon, client } = await slow(begin);
    await using _ = daemon;
    daemon.clock.advance(2_900);
    await client.send('A: b\r\n');
    expect(client.ended).toBe(false);
    daemon.clock.advance(100);
    expect(await client.untilEnded()).toMatch(/^HTTP\/1.1 408 [^]*REQUEST_INVALID/);
  });

  it('has the deadline anew for the next request', async () => {
    const { daemon, client } = await slow(begin);
    await using _ = daemon;
    daemon.clock.advance(2_900);
    await client.send('\r\n');
    await client.responses(1);
    await client.send(begin);
    daemon.clock.advance(2_900);
    await client.send('\r\n');
    expect(await client.responses(1)).toMatch(/^HTTP\/1.1 200/);
    daemon.clock.advance(10_000);
    await client.send(health);
    expect(await client.responses(1)).toMatch(/^HTTP\/1.1 200/);
    client[Symbol.dispose]();
  });
});

function countOf(text: string): number {
  return text.split('HTTP/1.1 200 OK').length - 1;
}
