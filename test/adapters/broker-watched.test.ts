import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/platform/metrics.ts';
import { Watchers } from '../../src/serve/watchers.ts';
import { AgentWorld } from '../fakes/agent-world.ts';
import { eventsIn, type ServerSentEvent } from '../support/event-text.ts';

/** The real engine under the watch of an event stream. */
async function watched() {
  const world = await AgentWorld.begun();
  const metrics = createMetrics({ version: 'test', clock: world.clock, agents: () => [] });
  const agents = () => new Map([[world.broker.name, world.broker]]);
  const watchers = new Watchers({ agents, clock: world.clock, metrics, giveMemoryBack: () => {} });
  let text = '';
  let isOver = false;
  watchers.watch(world.broker.name, 'events', {
    news: (_agent, events) => (text += events.toString()),
    over: () => (isOver = true),
  });
  /** The events since the last call. */
  const take = (): readonly ServerSentEvent[] => {
    const events = eventsIn(text);
    text = '';
    return events;
  };
  return { world, take, isOver: () => isOver };
}

const hourMs = 60 * 60_000;

describe('an agent that is watched', () => {
  it('tells of each token once and in order, and nothing else while all is well', async () => {
    const { world, take } = await watched();
    await world.clock.elapse(24 * hourMs);
    const events = take();
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['token']));
    const sequences = events.map(({ data }) => Number(data['sequence']));
    expect(sequences).toEqual(sequences.map((_, index) => index + 2));
    expect(sequences.at(-1)).toBe(world.broker.token()?.sequence);
    expect(sequences.length).toBeGreaterThan(50);
  });

  it('tells what its token is, and not the token', async () => {
    const { world, take } = await watched();
    await world.refresh();
    const { fingerprint, expires_at, expires_in } = world.broker.status().token;
    const [{ data } = { data: null }, ...others] = take();
    expect(others).toEqual([]);
    expect(data).toEqual({ agent: 'web-01', sequence: 2, fingerprint, expires_at, expires_in });
    expect(JSON.stringify(data)).not.toContain(world.broker.token()?.text.reveal());
  });

  it('tells each turn of a trouble once, not each of its tries', async () => {
    const { world, take } = await watched();
    let tries = 0;
    world.server.mishap = () => {
      tries += 1;
      return 'unreachable';
    };
    await world.clock.elapse(2 * hourMs);
    world.server.mishap = () => 'none';
    await world.clock.elapse(hourMs / 2);
    expect(tries).toBeGreaterThan(20);
    expect(take().map(inWords)).toEqual([
      'degraded: SERVER_UNREACHABLE warning, TOKEN_EXPIRING warning',
      'degraded: SERVER_UNREACHABLE warning, TOKEN_EXPIRING critical',
      'expired: SERVER_UNREACHABLE critical',
      // the new token is served before the journal is closed
      'active: ',
      'token 2',
      'token 3',
    ]);
  });

  it('is over when the daemon stops', async () => {
    const { world, isOver } = await watched();
    await world.broker.stop(1000);
    expect(isOver()).toBe(true);
  });
});

function inWords({ event, data }: ServerSentEvent): string {
  if (event === 'token') return `token ${String(data['sequence'])}`;
  const alerts = data['alerts'] as readonly { readonly code: string; readonly severity: string }[];
  return `${String(data['state'])}: ${alerts.map(({ code, severity }) => `${code} ${severity}`).join(', ')}`;
}
