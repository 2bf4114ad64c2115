import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { AgentWorld, folderOf } from '../fakes/agent-world.ts';

/**
 * The process ends after every single change of the disk in turn, during a rotation and during hand-overs, and the next one
 * starts. `kill`: what was written stays. Power cuts: of what was not synced nothing, or everything, arrived.
 */

const ways = {
  kill: (world: AgentWorld) => world.kill(),
  'power cut that takes all that it can': (world: AgentWorld) => world.powerCut(),
  'power cut that takes nothing': (world: AgentWorld) => world.powerCut((options) => options - 1),
  'power cut that takes some': (world: AgentWorld) =>
    world.powerCut((options) => world.random.below(options)),
} as const;
const wayNames = Object.keys(ways) as (keyof typeof ways)[];

const minute = 60_000;

/** What the disk holds of the answer when the process is gone. */
function answerOn(world: AgentWorld): 'nothing' | 'raw' {
  const names = [...world.disk.files().keys()];
  return names.some((path) => path.startsWith(`${folderOf()}/raw-`)) ? 'raw' : 'nothing';
}

interface Crashed {
  readonly world: AgentWorld;
  readonly at: number;
  /** Requests that had reached the server. */
  readonly sent: number;
  readonly answer: 'nothing' | 'raw';
}

/** Every crash of a rotation from generation 1 to 2, each in a world of its own. */
async function* crashedRotations(way: keyof typeof ways): AsyncGenerator<Crashed> {
  for (let at = 1; ; at += 1) {
    const world = await AgentWorld.begun({ seed: at });
    const { life } = world;
    life.endAfter(at);
    void world.refresh();
    await world.clock.elapse(0);
    if (life.alive) return;
    const sent = world.server.arrivals.length;
    ways[way](world);
    yield { world, at, sent, answer: answerOn(world) };
  }
}

describe.each(wayNames)('a rotation ended by a %s', (way) => {
  it('after any change of the disk goes on where it was, or says what it lost', async () => {
    const seen = { before: 0, unsaved: 0, saved: 0 };
    for await (const { world, at, sent, answer } of crashedRotations(way)) {
      const where = `after change ${at}`;
      await world.start();
      const status = world.broker.status();
      if (sent === 1) {
        seen.before += 1;
        expect(status.state, where).toMatch(/^(active|degraded)$/);
        expect(world.broker.token()?.sequence, where).toBe(1);
        await world.clock.elapse(30 * minute);
        expect(world.broker.status().state, where).toBe('active');
        expect(world.broker.status().secret.generation, where).toBeGreaterThanOrEqual(2);
      } else if (answer === 'nothing' && status.secret.generation === 1) {
        seen.unsaved += 1;
        await world.clock.elapse(minute);
        expect(world.broker.status(), where).toMatchObject({
          state: 'lost',
          token: { status: 'valid', sequence: 1 },
        });
        expect(
          world.alerts.map((alert) => alert.code),
          where,
        ).toEqual(['SECRET_LOST_IN_FLIGHT']);
        continue;
      } else {
        seen.saved += 1;
        expect(status, where).toMatchObject({
          state: 'active',
          secret: { generation: 2 },
          token: { sequence: 2 },
        });
        expect(world.server.arrivals, where).toHaveLength(2);
        expect(world.broker.token()?.sequence, where).toBe(2);
        await world.clock.elapse(30 * minute);
        expect(world.broker.status(), where).toMatchObject({ state: 'active', secret: { generation: 3 } });
      }
      expect(world.server.registry.report()['web-01']?.spentSecretUses, where).toBe(0);
    }
    expect(seen.before).toBeGreaterThan(5);
    expect(seen.unsaved).toBeGreaterThan(0);
    expect(seen.saved).toBeGreaterThan(15);
  });
});

describe.each(wayNames)('a start ended by a %s', (way) => {
  it('after any change of the disk loses nothing of a grant that waits there', async () => {
    let at = 0;
    for (let crashed = true; crashed;) {
      at += 1;
      const world = await AgentWorld.begun({ seed: at });
      // The answer is on disk, and nothing else of it.
      let armed = false;
      world.server.mishap = (asked) => {
        armed ||= asked === 'exchange';
        return 'none';
      };
      world.disk.fault = ([step, path = '']) =>
        armed && step === 'create' && !path.includes('.raw-') ? 'EIO' : null;
      await world.refresh();
      world.disk.fault = () => null;
      world.kill();
      const { life } = world;
      life.endAfter(at);
      await world.start();
      crashed = !life.alive;
      ways[way](world);
      await world.start();
      expect(world.broker.status(), `after change ${at}`).toMatchObject({
        state: 'active',
        secret: { generation: 2 },
        token: { sequence: 2 },
      });
      expect(world.server.arrivals).toHaveLength(2);
    }
    expect(at).toBeGreaterThan(15);
  });
});

async function unprovisioned(seed: number): Promise<AgentWorld> {
  const world = new AgentWorld({ seed });
  await world.start();
  return world;
}

/** Every crash while a secret is handed over, stored and sent. */
async function* crashedHandOvers(way: keyof typeof ways, begin: (seed: number) => Promise<AgentWorld>) {
  for (let at = 1; ; at += 1) {
    const world = await begin(at);
    const text = world.server.create('web-01-new');
    const { life } = world;
    life.endAfter(at);
    let acknowledged = false;
    const acknowledge = () => {
      acknowledged = true;
    };
    void world.broker.handOver(new Secret(text)).stored.then(acknowledge, () => {});
    await world.clock.elapse(0);
    if (life.alive) return;
    const lost = world.server.registry.report()['web-01-new']?.generation === 1;
    ways[way](world);
    const answered = answerOn(world) === 'raw';
    await world.start();
    await world.clock.elapse(minute);
    yield { world, where: `after change ${at}`, acknowledged, lost: lost && !answered };
  }
}

describe.each(wayNames)('a hand-over ended by a %s', (way) => {
  it('beside a good secret never hurts it, and is not forgotten once it was acknowledged', async () => {
    const generations: number[] = [];
    for await (const { world, where, acknowledged, lost } of crashedHandOvers(way, (seed) =>
      AgentWorld.begun({ seed }),
    )) {
      const status = world.broker.status();
      expect(status.state, where).toBe('active');
      if (acknowledged && !lost) expect(status.secret.generation, where).toBe(2);
      generations.push(status.secret.generation);
      const { spentSecretUses = 0 } = world.server.registry.report()['web-01-new'] ?? {};
      expect(spentSecretUses, where).toBeLessThanOrEqual(lost ? 1 : 0);
      expect(await world.refresh(), where).toBeNull();
    }
    expect(generations).toContain(1);
    expect(generations.filter((each) => each === 2).length).toBeGreaterThan(20);
  });

  it('of the first secret of all leaves a usable agent, or says what it lost', async () => {
    const states: string[] = [];
    for await (const { world, where, acknowledged, lost } of crashedHandOvers(way, unprovisioned)) {
      const { state } = world.broker.status();
      states.push(state);
      if (state === 'lost') expect(lost, where).toBe(true);
      else expect(state, where).toBe(acknowledged || state === 'active' ? 'active' : 'unprovisioned');
      world.server.registry.revoke('web-01-new');
      await world.handOver();
      await world.clock.elapse(1);
      expect(world.broker.status(), where).toMatchObject({ state: 'active', alerts: [] });
    }
    expect(new Set(states)).toEqual(new Set(['unprovisioned', 'active', 'lost']));
  });
});
