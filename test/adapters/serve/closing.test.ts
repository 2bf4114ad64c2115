import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';

const refresh = 'POST /v1/agents/web-01/refresh HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';

describe('close', () => {
  it.each([
    ['that has said nothing yet', ''],
    ['of the express lane', 'GET /v1/agents/web-01/token HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['of node:http', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('ends an idle connection %s at once', async (_which, request) => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    const listener = await serving.listen();
    using client = new RawClient(serving.path);
    await client.send(request);
    if (request !== '') await client.responses(1);
    await listener.close(60_000);
    await client.untilEnded();
  });

  it('lets a running request end, and its connection with it', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    const listener = await serving.listen();
    using client = new RawClient(serving.path);
    await client.send(refresh);
    await eventually(() => expect(agent.refreshes).toHaveLength(1));
    const closed = listener.close(60_000);
    await eventually(() => expect(existsSync(serving.path)).toBe(false));
    await expect(serving.ask('/healthz')).rejects.toMatchObject({ code: 'ENOENT' });
    agent.refreshes[0]?.answer.resolve();
    expect(await client.untilEnded()).toMatch(/^HTTP\/1.1 200 OK[^]*Connection: close/);
    await closed;
  });

  it('cuts off what is left at the deadline', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    const listener = await serving.listen();
    using client = new RawClient(serving.path);
    await client.send(refresh);
    await eventually(() => expect(agent.refreshes).toHaveLength(1));
    const closed = listener.close(5000);
    await eventually(() => expect(serving.clock.nextDueInMs()).toBe(5000));
    serving.clock.advance(4999);
    expect(client.ended).toBe(false);
    serving.clock.advance(1);
    await closed;
    expect(await client.untilEnded()).toBe('');
    expect(agent.refreshes[0]?.signal.aborted).toBe(true);
    agent.refreshes[0]?.answer.resolve();
  });

  it('may be called again', async () => {
    await using serving = new Serving();
    const listener = await serving.listen();
    await Promise.all([listener.close(1000), listener.close(1000), listener[Symbol.asyncDispose]()]);
    await listener.close(0);
  });
});
