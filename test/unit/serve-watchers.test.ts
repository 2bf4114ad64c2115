import { describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../src/domain/status.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import type { WatchKind } from '../../src/platform/metrics/serving-metrics.ts';
import { Watchers } from '../../src/serve/watchers.ts';
import { FakeAgent } from '../fakes/fake-agent.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { eventsIn } from '../support/event-text.ts';

/** Counts how often it is asked for its status. */
class CountingAgent extends FakeAgent {
  looks = 0;

  override status(): AgentStatus {
    this.looks += 1;
    return super.status();
  }
}

function site() {
  const clock = new ManualClock();
  const agents = new Map<string, CountingAgent>();
  const gauge: Record<WatchKind, number> = { wait: 0, events: 0 };
  const watching = (kind: WatchKind, change: 1 | -1) => void (gauge[kind] += change);
  const metrics = { ...createMetrics({ version: 'test', clock, agents: () => [] }), watching };
  const watchers = new Watchers({ agents: () => agents, clock, metrics, giveMemoryBack: () => {} });
  const agent = (name = 'web-01') => {
    const made = new CountingAgent(name, clock);
    agents.set(name, made);
    return made;
  };
  /** Watches, and keeps all that it is told. */
  const watch = (kind: WatchKind = 'events', name = 'web-01') => {
    const told = { frames: [] as Buffer[], overs: 0 };
    const begun = watchers.watch(name, kind, {
      news: (_agent, events) => told.frames.push(events),
      over: () => (told.overs += 1),
    });
    return { told, watch: begun };
  };
  return { agents, agent, gauge, watchers, watch };
}

describe('Watchers', () => {
  it('look at the agent once for all, and make what they tell once', () => {
    const { agent, watch } = site();
    const web = agent();
    const all = Array.from({ length: 100 }, () => watch('wait'));
    expect(web.listeners).toBe(1);
    web.looks = 0;
    web.publish('first');
    web.wake();
    expect(web.looks).toBe(2);
    expect(new Set(all.flatMap(({ told }) => told.frames)).size).toBe(1);
    expect(all.every(({ told }) => told.frames.length === 1)).toBe(true);
  });

  it('leave nothing behind when the last one goes', () => {
    const { agent, watch, gauge } = site();
    const web = agent();
    const all = (['wait', 'events', 'wait'] as const).map((kind) => watch(kind));
    expect(gauge).toEqual({ wait: 2, events: 1 });
    for (const { watch: each } of all) {
      each?.stop();
      each?.stop();
    }
    expect([gauge, web.listeners]).toEqual([{ wait: 0, events: 0 }, 0]);
    web.publish('first');
    expect(all.flatMap(({ told }) => told.frames)).toEqual([]);
  });

  it('tell a new stream the present, and the others what is new in it', () => {
    const { agent, watch } = site();
    agent();
    const first = watch();
    expect(eventsIn(first.watch?.since(null) ?? '')).toMatchObject([{ data: { state: 'acquiring' } }]);
    // Time alone has changed it, and the agent has not noticed yet.
    const web = agent();
    web.overrides = { state: 'blocked' };
    const second = watch();
    expect(eventsIn(second.watch?.since(null) ?? '')).toMatchObject([{ data: { state: 'blocked' } }]);
    expect(first.told.frames).toHaveLength(1);
    expect(second.told.frames).toHaveLength(0);
  });

  it('keep the agents apart', () => {
    const { agent, watch } = site();
    const web = agent('web-01');
    agent('db-01');
    const [ofWeb, ofDb] = [watch('wait', 'web-01'), watch('wait', 'db-01')];
    web.publish('first');
    expect([ofWeb.told.frames.length, ofDb.told.frames.length]).toEqual([1, 0]);
  });

  it('follow the name when another agent takes it over', () => {
    const { agent, watch } = site();
    const before = agent();
    before.publish('first');
    const { told } = watch();
    const after = agent();
    after.publish('first');
    before.end();
    expect([told.frames.length, told.overs, before.listeners, after.listeners]).toEqual([0, 0, 0, 1]);
    after.publish('second');
    expect(told.frames).toHaveLength(1);
  });

  it('are let go once when the agent ends and nobody has its name', () => {
    const { agents, agent, watch } = site();
    const web = agent();
    const { told, watch: each } = watch();
    agents.clear();
    web.end();
    expect(told.overs).toBe(1);
    each?.stop();
    expect(web.listeners).toBe(0);
    expect(watch().watch).toBeNull();
  });

  it('are let go when the listener closes, and come no more', () => {
    const { agent, watch, watchers } = site();
    agent();
    const { told } = watch();
    watchers.close();
    expect(told.overs).toBe(1);
    expect(watch().watch).toBeNull();
  });

  it('have nothing to wait for at an agent that has ended, or that there is not', () => {
    const { agent, watch, gauge } = site();
    agent().end();
    expect([watch().watch, watch('wait', 'db-01').watch]).toEqual([null, null]);
    expect(gauge).toEqual({ wait: 0, events: 0 });
  });
});
