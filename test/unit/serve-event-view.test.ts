import { describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../src/domain/status.ts';
import { newsFor, readEventId, viewOf, type EventView } from '../../src/serve/event-view.ts';
import { FakeAgent } from '../fakes/fake-agent.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { eventsIn } from '../support/event-text.ts';

const clock = new ManualClock();
const agent = new FakeAgent('web-01', clock);
agent.publish('first', 600_000);
const active = agent.status();

const withToken = (token: Partial<AgentStatus['token']>): AgentStatus => ({
  ...active,
  token: { ...active.token, ...token },
});
const expired = withToken({ status: 'expired' });

/** What a client that knows `before` is told of `now`. */
function told(now: AgentStatus, before: EventView | null) {
  return eventsIn(newsFor(viewOf(now, before), before) ?? '').map(({ event }) => event);
}

describe('newsFor', () => {
  it('tells everything to who knows nothing', () => {
    expect(told(active, null)).toEqual(['state', 'token']);
    expect(told(expired, null)).toEqual(['state']);
  });

  it.each<[string, AgentStatus, string[]]>([
    ['the same', { ...active }, []],
    ['a newer token', withToken({ sequence: 2 }), ['token']],
    ['a token that has less time left', withToken({ expires_in: 1 }), []],
    ['the end of the token', expired, ['state']],
    ['another label', { ...active, state: 'degraded' }, ['state']],
    [
      'another fact of the secret',
      { ...active, secret: { ...active.secret, status: 'in_doubt' } },
      ['state'],
    ],
    ['another generation of the secret', { ...active, secret: { ...active.secret, generation: 2 } }, []],
    ['another plan', { ...active, next_refresh_at: '2026-01-01T00:00:00Z' }, []],
    ['both', { ...withToken({ sequence: 2 }), state: 'degraded' }, ['state', 'token']],
  ])('tells of %s', (_case, now, events) => {
    expect(told(now, viewOf(active, null))).toEqual(events);
  });

  it('tells of an alert that comes, grows and goes, but not of its text', () => {
    const alert = { code: 'TOKEN_EXPIRING', severity: 'warning', since: '1', summary: 'a' } as const;
    const moments: AgentStatus['alerts'][] = [
      [alert],
      [{ ...alert, since: '2', summary: 'b' }],
      [{ ...alert, severity: 'critical' }],
      [],
    ];
    let view = viewOf(active, null);
    const counts = moments.map((alerts) => {
      const status = { ...active, alerts };
      const news = told(status, view);
      view = viewOf(status, view);
      return news.length;
    });
    expect(counts).toEqual([1, 0, 1, 1]);
  });

  it('does not tell a token again that was only out of sight', () => {
    const gone = viewOf(expired, viewOf(active, null));
    expect(told(active, gone)).toEqual(['state']);
  });

  it('gives the id with the last of several events, so that a torn pair is told again', () => {
    const ids = eventsIn(newsFor(viewOf(active, null), null) ?? '').map(({ id }) => id);
    expect(ids).toEqual([null, expect.stringMatching(/^1\.[0-9a-f]{16}$/)]);
  });
});

describe('readEventId', () => {
  it('reads what a client was told, whoever reads it', () => {
    const view = viewOf(active, null);
    const [, last] = eventsIn(newsFor(view, null) ?? '');
    const known = readEventId(last?.id ?? '');
    expect(known).toEqual({ sequence: 1, digest: view.digest });
    expect(newsFor(viewOf(active, null), known)).toBeNull();
  });

  it.each([
    undefined,
    '',
    '1',
    '1.',
    '.0123456789abcdef',
    '1.0123456789ABCDEF',
    '-1.0123456789abcdef',
    '1.0123456789abcdef ',
  ])('knows nothing from "%s"', (id) => {
    expect(readEventId(id)).toBeNull();
  });
});
