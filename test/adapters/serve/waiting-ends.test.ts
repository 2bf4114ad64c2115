import { describe, expect, it } from 'vitest';
import { beatMs } from '../../../src/serve/heartbeat.ts';
import { eventually } from '../../support/eventually.ts';
import { EventClient } from './event-client.ts';
import { RawClient } from './raw-client.ts';
import { ask } from './serving.ts';
import { eventsPath, tokenPath, Watching } from './watching.ts';

/** How requests that wait and streams end when it is not their client that ends them. */

const another = 'sequence=1&wait=30s';

describe('when the listener closes', () => {
  it('a request is answered with what there is', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask(another);
    const closed = site.close();
    expect(await answer).toMatchObject({ status: 304, headers: { connection: 'close' } });
    await closed;
    expect([site.agent.listeners, site.daemon.clock.nextDueInMs()]).toEqual([0, null]);
  });

  it('a stream ends in good order', async () => {
    await using site = await Watching.begin();
    const client = await site.open();
    await site.close();
    await eventually(() => expect(client.end).toBe('whole'));
    expect([site.agent.listeners, site.daemon.clock.nextDueInMs()]).toEqual([0, null]);
  });
});

describe('when the agent is removed', () => {
  it('a request is answered 404, and a stream ends in good order', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask(another);
    const client = await site.open();
    site.daemon.agents.clear();
    site.agent.end();
    expect(await answer).toMatchObject({ status: 404, json: { code: 'AGENT_UNKNOWN', agent: 'web-01' } });
    await eventually(() => expect(client.end).toBe('whole'));
    await site.nobodyWatches();
  });
});

describe('when the daemon stops', () => {
  const stopping = { status: 503, headers: { 'retry-after': '1' }, json: { code: 'SHUTTING_DOWN' } };

  it('a request is answered 503 with a pause, so that nobody asks again and again', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask(another);
    site.agent.end();
    expect(await answer).toMatchObject(stopping);
    expect(await site.daemon.ask(`${tokenPath}?${another}`)).toMatchObject(stopping);
    expect(await site.daemon.ask(`${tokenPath}?sequence=0&wait=30s`)).toMatchObject({ status: 200 });
    expect(await site.daemon.ask(`${tokenPath}?sequence=1`)).toMatchObject({ status: 304 });
    await site.nobodyWatches();
  });

  it('a stream ends in good order, and there is no new one', async () => {
    await using site = await Watching.begin();
    const client = await site.open();
    site.agent.end();
    await eventually(() => expect(client.end).toBe('whole'));
    expect(await site.daemon.ask(eventsPath)).toMatchObject(stopping);
    await site.nobodyWatches();
  });
});

describe('when another agent takes the name over', () => {
  it('nobody is disconnected, and all hear of its tokens', async () => {
    await using site = await Watching.begin();
    const { answer } = await site.ask(another);
    const client = await site.open();
    const next = site.daemon.agent();
    next.publish('first');
    site.agent.end();
    expect([site.agent.listeners, next.listeners]).toEqual([0, 1]);
    next.publish('second');
    expect(await answer).toMatchObject({ status: 200, json: { access_token: 'second' } });
    await eventually(() => expect(client.events.at(-1)?.data).toMatchObject({ sequence: 2 }));
    expect([client.end, client.events.length, next.listeners]).toEqual([null, 3, 1]);
  });
});

describe('when the permission is taken away', () => {
  it('a request is answered 403 instead of with the token', async () => {
    await using site = await Watching.begin();
    let isAllowed = true;
    const place = site.listenFor({ may: () => isAllowed });
    const answer = ask(place, `${tokenPath}?${another}`);
    await eventually(() => expect(site.agent.listeners).toBe(1));
    isAllowed = false;
    site.agent.publish('second');
    const { status, json, text } = await answer;
    expect([status, json?.['code'], text.includes('second')]).toEqual([403, 'PEER_DENIED', false]);
  });

  it.each<[string, (site: Watching) => void]>([
    ['event', ({ agent }) => agent.publish('second')],
    ['heartbeat', ({ daemon }) => daemon.clock.advance(beatMs)],
  ])('a stream ends instead of its next %s', async (_what, happens) => {
    await using site = await Watching.begin();
    let isAllowed = true;
    const { socketPath } = site.listenFor({ may: () => isAllowed });
    using client = await EventClient.open(socketPath, eventsPath);
    await eventually(() => expect(client.events).toHaveLength(2));
    isAllowed = false;
    happens(site);
    await eventually(() => expect(client.end).toBe('whole'));
    expect(client.events).toHaveLength(2);
    await eventually(() => expect(site.agent.listeners).toBe(0));
  });
});

describe('when a client does not read', () => {
  it('it is cut off when it is too far behind, and the others are not', async () => {
    await using site = await Watching.begin();
    const reader = await site.open();
    using client = new RawClient(site.daemon.path);
    await client.send(`GET ${eventsPath} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await eventually(() => expect(client.received).toContain('retry'));
    client.stall();
    for (let left = 100; left > 0 && (await site.watchers('events')) > 1; left -= 1) {
      for (let count = 0; count < 50; count += 1) site.agent.publish('next');
    }
    expect(await site.watchers('events')).toBe(1);
    client.resume();
    expect(await client.untilEnded()).not.toMatch(/\r\n0\r\n\r\n$/);
    const newest = site.agent.token()?.sequence;
    await eventually(() => expect(reader.events.at(-1)?.data['sequence']).toBe(newest));
    expect(reader.events.filter(({ event }) => event === 'token')).toHaveLength(newest ?? 0);
  });
});
