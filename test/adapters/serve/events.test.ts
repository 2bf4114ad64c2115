import { describe, expect, it } from 'vitest';
import type { AlertStatus } from '../../../src/domain/status.ts';
import { beatMs } from '../../../src/serve/heartbeat.ts';
import { eventually } from '../../support/eventually.ts';
import { eventsPath, Watching } from './watching.ts';

const alert: AlertStatus = {
  code: 'SERVER_UNREACHABLE',
  severity: 'warning',
  since: '2026-01-01T00:00:00Z',
  summary: 'the server does not answer',
};

describe('GET /v1/agents/{agent}/events', () => {
  it('begins with the state and the token, without its text', async () => {
    await using site = await Watching.begin();
    const client = await site.open();
    expect(client.response.statusCode).toBe(200);
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const { fingerprint } = site.agent.status().token;
    expect(client.events).toMatchObject([
      {
        event: 'state',
        data: {
          agent: 'web-01',
          state: 'active',
          token: { status: 'valid' },
          secret: { status: 'held' },
          alerts: [],
        },
      },
      { event: 'token', data: { agent: 'web-01', sequence: 1, fingerprint } },
    ]);
    expect(Object.keys(client.events[1]?.data ?? {})).toEqual([
      'agent',
      'sequence',
      'fingerprint',
      'expires_at',
      'expires_in',
    ]);
    expect(client.text).not.toContain('first');
  });

  it('tells each change once, however often the agent wakes', async () => {
    await using site = await Watching.begin();
    const client = await site.open();
    for (const sequence of [2, 3]) {
      site.agent.wake();
      site.agent.publish('next');
      site.agent.wake();
      expect(site.agent.token()?.sequence).toBe(sequence);
    }
    site.agent.become({ state: 'degraded', alerts: [alert] });
    site.agent.become({ state: 'degraded', alerts: [{ ...alert, summary: 'it still does not' }] });
    site.agent.become({});
    const told = client.events.slice(2);
    await eventually(() => expect(client.events).toHaveLength(6));
    expect(told).toEqual([]);
    expect(client.events.slice(2).map(({ data }) => data)).toMatchObject([
      { sequence: 2 },
      { sequence: 3 },
      { state: 'degraded', alerts: [{ code: 'SERVER_UNREACHABLE', severity: 'warning' }] },
      { state: 'active', alerts: [] },
    ]);
  });

  it('tells that a token ends, and the next one', async () => {
    await using site = await Watching.begin();
    const client = await site.open();
    site.daemon.clock.suspend(600_000);
    site.agent.wake();
    site.agent.publish('second');
    await eventually(() => expect(client.events).toHaveLength(5));
    expect(client.events.slice(2)).toMatchObject([
      { event: 'state', data: { token: { status: 'none' } } },
      { event: 'state', data: { state: 'active' } },
      { event: 'token', data: { sequence: 2 } },
    ]);
  });

  it.each<[string, (site: Watching) => void, string[]]>([
    ['nothing', () => {}, []],
    ['a rotation', ({ agent }) => agent.publish('second'), ['token']],
    [
      'several rotations, of which the last matters',
      ({ agent }) => [agent.publish('b'), agent.publish('c')],
      ['token'],
    ],
    ['a change of the state', ({ agent }) => agent.become({ state: 'degraded' }), ['state']],
    [
      'a change that is over again',
      ({ agent }) => [agent.become({ state: 'degraded' }), agent.become({})],
      [],
    ],
  ])('tells who comes back what it missed: %s', async (_what, happens, missed) => {
    await using site = await Watching.begin();
    const before = await site.open();
    await eventually(() => expect(before.events).toHaveLength(2));
    before[Symbol.dispose]();
    await site.nobodyWatches();
    happens(site);
    const after = await site.open(before.events.at(-1)?.id ?? '');
    expect(after.events.map(({ event }) => event)).toEqual(missed);
    site.agent.publish('last');
    await eventually(() =>
      expect(after.events.at(-1)?.data).toMatchObject({ sequence: site.agent.token()?.sequence }),
    );
  });

  it.each(['7', 'nonsense', '1.0000000000000000'])(
    'tells the present state to who comes with the id %s',
    async (id) => {
      await using site = await Watching.begin();
      const client = await site.open(id);
      expect(client.events[0]?.event).toBe('state');
    },
  );

  it('answers HEAD with the head alone', async () => {
    await using site = await Watching.begin();
    const answer = await site.daemon.ask(eventsPath, { method: 'HEAD' });
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      '',
      'text/event-stream',
    ]);
    await site.nobodyWatches();
  });

  it('knows only agents that there are, and no parameters', async () => {
    await using site = await Watching.begin();
    expect(await site.daemon.ask('/v1/agents/web-09/events')).toMatchObject({
      status: 404,
      json: { code: 'AGENT_UNKNOWN' },
    });
    expect(await site.daemon.ask(`${eventsPath}?since=1`)).toMatchObject({ status: 400 });
  });
});

describe('heartbeats', () => {
  it('are comments at a fixed pace, from one timer for all streams', async () => {
    await using site = await Watching.begin();
    const clients = [await site.open(), await site.open()];
    const heads = clients.map(({ text }) => text);
    await site.daemon.clock.elapse(2 * beatMs);
    await eventually(() =>
      expect(clients.map(({ text }) => text)).toEqual(heads.map((head) => `${head}:\n\n:\n\n`)),
    );
    for (const client of clients) client[Symbol.dispose]();
    await site.nobodyWatches();
  });
});
