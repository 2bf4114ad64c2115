import { describe, expect, it } from 'vitest';
import { ServiceTeller } from '../../../src/daemon/service/service-teller.ts';
import { AgentWorld } from '../../fakes/agent-world.ts';

/** What a service manager hears of one agent of a world in memory, whose clock is moved by hand. */
function listenTo(world: AgentWorld, watchdogMs: number | null = null) {
  const lines: string[] = [];
  const teller = new ServiceTeller({
    notify: { send: (sent) => lines.push(...sent), close: () => {} },
    clock: world.clock,
    log: world.log,
    watchdogMs,
  });
  const heard = () => lines.splice(0);
  return { teller, heard };
}

describe('a service manager', () => {
  it('hears that the daemon waits for its server, as long as that takes, and then that it is ready', async () => {
    const world = new AgentWorld();
    world.server.mishap = () => 'unreachable';
    const { teller, heard } = listenTo(world);
    teller.begin(() => [world.broker]);
    await world.start();
    await world.handOver();
    teller.serving();
    await world.clock.elapse(600_000);
    const meanwhile = heard();
    expect(meanwhile).not.toContain('READY=1');
    expect(meanwhile.filter((line) => line === 'EXTEND_TIMEOUT_USEC=60000000').length).toBeGreaterThan(28);
    world.server.mishap = () => 'none';
    await world.clock.elapse(600_000);
    expect(heard()).toContain('READY=1');
  });

  it('gets a sign of life three times in each period, and the time to the next refresh', async () => {
    const world = await AgentWorld.begun();
    const { teller, heard } = listenTo(world, 30_000);
    teller.begin(() => [world.broker]);
    teller.serving();
    expect(heard()).toContain('READY=1');
    await world.clock.elapse(300_000);
    const lines = heard();
    expect(lines.filter((line) => line === 'WATCHDOG=1')).toHaveLength(30);
    expect(lines.filter((line) => line.startsWith('STATUS=')).length).toBeLessThanOrEqual(6);
    expect(lines.findLast((line) => line.startsWith('STATUS='))).toMatch(
      /^STATUS=web-01 active, next refresh in \d+ min$/,
    );
  });

  it('gets none from the moment on when an engine takes no event any more', async () => {
    const world = await AgentWorld.begun();
    const { teller, heard } = listenTo(world, 30_000);
    teller.begin(() => [world.broker]);
    teller.serving();
    await world.clock.elapse(10_000);
    expect(heard()).toContain('WATCHDOG=1');
    // A bug in the middle of an event, in the turn of somebody who survives it.
    const { random } = world;
    const fraction = random.fraction.bind(random);
    random.fraction = () => {
      throw new Error('a bug');
    };
    expect(() => world.broker.setCondition('x', null)).toThrow('a bug');
    random.fraction = fraction;
    await world.clock.elapse(300_000);
    expect(heard()).not.toContain('WATCHDOG=1');
    expect(world.log.lines.filter(({ event }) => event === 'engine-stuck')).toMatchObject([
      { level: 'error', fields: { agents: ['web-01'] } },
    ]);
  });

  it('hears of a reload only when it knows that the daemon is ready, and of the end once', async () => {
    const world = await AgentWorld.begun();
    const { teller, heard } = listenTo(world);
    teller.begin(() => [world.broker]);
    teller.reloading(5n);
    teller.reloaded();
    expect(heard()).not.toContain('READY=1');
    teller.serving();
    heard();
    teller.reloading(7n);
    teller.reloaded();
    expect(heard()).toEqual(['RELOADING=1', 'MONOTONIC_USEC=7', 'READY=1']);
    teller.stopping(25_000);
    expect(heard()).toEqual(['STOPPING=1', 'STATUS=stopping', 'EXTEND_TIMEOUT_USEC=35000000']);
    await world.broker.stop(0);
    await world.clock.elapse(60_000);
    teller.reloading(8n);
    teller.reloaded();
    expect(heard()).toEqual([]);
    teller.close();
    expect(world.clock.nextDueInMs()).toBeNull();
  });

  it('hears of agents that a reload brings, and no more of those that it takes', async () => {
    const world = await AgentWorld.begun();
    const other = world.assemble({ agent: 'web-02' });
    const { teller, heard } = listenTo(world);
    let agents = [world.broker];
    teller.begin(() => agents);
    teller.serving();
    agents = [other];
    teller.reloaded();
    expect(heard().at(-1)).toContain('web-02');
    void other.start();
    await world.clock.elapse(100);
    expect(heard()).toEqual([]);
    agents = [other, world.broker];
    teller.reloaded();
    expect(heard().at(-1)).toContain('web-02 unprovisioned');
    agents = [other];
    teller.reloaded();
    heard();
    await world.broker.stop(0);
    await world.clock.elapse(100);
    expect(heard()).toEqual([]);
  });
});
