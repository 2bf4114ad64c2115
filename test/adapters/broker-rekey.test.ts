import { describe, expect, it, vi } from 'vitest';
import type { AgentRecords } from '../../src/ports/wrapping-keys.ts';
import { everyChoice } from '../fakes/power-cuts.ts';
import { RekeyWorld, type RekeyWorldOptions } from '../fakes/rekey-world.ts';

/** Replacing the wrapping key under a running daemon, interrupted at every step. */

const three = ['web-01', 'web-02', 'web-03'];

const worlds: readonly [what: string, options: RekeyWorldOptions][] = [
  ['a key file', { store: 'file' }],
  ['a key file that three agents share', { store: 'file', agents: three }],
  ['a keychain', { store: 'keychain' }],
  ['a keychain that loses its last three writes', { store: 'keychain', keychainAtRisk: 3 }],
];

// thousands of crashes, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000 });

describe.each(worlds)('replacing the wrapping key in %s', (_what, options) => {
  it('seals everything anew, and the old key opens nothing any more', async () => {
    const world = await RekeyWorld.begun(options);
    const [before = ''] = world.keys();
    expect(world.openedWith(before)).toHaveLength(3 * world.names.length);
    const replaced = (await world.rekey()) as readonly AgentRecords[];
    expect(replaced).toEqual(
      world.names.map((agent) => ({ agent, records: ['secret', 'journal', 'session'] })),
    );
    const [after = '', ...others] = world.keys();
    expect([after === before, others]).toEqual([false, []]);
    expect(world.openedWith(before)).toEqual([]);
    expect(world.openedWith(after)).toHaveLength(3 * world.names.length);
    await expectWhole(world, 1);
    expect(world.log.lines.filter(({ event }) => event === 'wrapping-key-replaced')).toEqual(
      world.names.map((agent) => ({
        level: 'info',
        event: 'wrapping-key-replaced',
        fields: { agent, records: 3 },
      })),
    );
  });

  it('is undone by no crash, and finished by the next start', async () => {
    let crashes = 0;
    for (let at = 1, alive = false; !alive; at += strideOf(options)) {
      for (const choices of [null, ...(await everyCut(options, at))]) {
        const world = await interrupted(options, at);
        alive = world.life.alive;
        const [before = ''] = world.keys();
        world.crash(choices === null ? null : replay(choices));
        await world.start();
        const what = `step ${at}, ${choices === null ? 'kill' : `power cut ${choices.join('')}`}`;
        const [after = '', ...others] = world.keys();
        expect(others, what).toEqual([]);
        expect(world.openedWith(after), what).toHaveLength(3 * world.names.length);
        if (before !== after) expect(world.openedWith(before), what).toEqual([]);
        await expectWhole(world, 1, what);
        crashes += 1;
      }
    }
    expect(crashes).toBeGreaterThan(40);
  });
});

describe.each(worlds)('finishing an interrupted replacement in %s', (_what, options) => {
  it.each([
    ['killed', null],
    ['hit by a power cut that takes everything unsynced', () => 0],
    ['hit by a power cut that takes nothing', (count: number) => count - 1],
  ])('is %s at any step, and finished by the start after that', async (_how, cut) => {
    for (let at = 1, alive = false; !alive; at += strideOf(options)) {
      const world = await interruptedHalfWay(options);
      world.crash(cut);
      world.life.endAfter(at);
      await world.start();
      alive = world.life.alive;
      world.crash(cut);
      await world.start();
      const [after = '', ...others] = world.keys();
      expect(others, `step ${at}`).toEqual([]);
      expect(world.openedWith(after), `step ${at}`).toHaveLength(3 * world.names.length);
      await expectWhole(world, 1, `step ${at}`);
    }
  });
});

/** What happens to one agent happens to three in the same way. */
function strideOf({ agents = ['web-01'] }: RekeyWorldOptions): number {
  return agents.length;
}

/** A replacement whose process died after so many changes; it is alive where all was done by then. */
async function interrupted(options: RekeyWorldOptions, at: number): Promise<RekeyWorld> {
  const world = await RekeyWorld.begun(options);
  world.life.endAfter(at);
  void world.rekey();
  await world.clock.elapse(0);
  return world;
}

/** Some records are sealed anew by then, and others are not. */
async function interruptedHalfWay(options: RekeyWorldOptions): Promise<RekeyWorld> {
  const world = await RekeyWorld.begun(options);
  const changes = options.store === 'file' ? 8 * world.names.length : 4;
  let isBegun = false;
  world.onDiskChange = () => {
    if (!isBegun && world.keys().length === 2) world.life.endAfter(changes);
    isBegun ||= world.keys().length === 2;
  };
  void world.rekey();
  await world.clock.elapse(0);
  world.onDiskChange = () => {};
  expect(world.keys()).toHaveLength(2);
  const sealed = world.keys().map((key) => world.openedWith(key).length);
  expect(Math.min(...sealed)).toBeGreaterThan(0);
  return world;
}

/** The choices of every state that a power cut may leave after so many changes. */
async function everyCut(options: RekeyWorldOptions, at: number): Promise<readonly (readonly number[])[]> {
  const world = await interrupted(options, at);
  const cuts = everyChoice((choose) => {
    world.disk.crash(choose);
    world.keychain.crash(choose);
  });
  const all = Array.from(cuts, ({ choices }) => choices);
  // what is lost of one agent has nothing to do with what is lost of another
  return world.names.length === 1 ? all : all.slice(0, 2);
}

function replay(choices: readonly number[]): (options: number) => number {
  let index = 0;
  return () => choices[index++] ?? 0;
}

/** Every agent is as it was, without an exchange, and the next exchange works. */
async function expectWhole(world: RekeyWorld, generation: number, what = ''): Promise<void> {
  const { server } = world;
  expect(server.arrivals, what).toHaveLength(generation * world.names.length);
  for (const broker of world.brokers.values()) {
    expect(broker.status(), what).toMatchObject({
      state: 'active',
      token: { status: 'valid', sequence: generation },
      secret: { status: 'held', generation },
      alerts: [],
    });
    const refreshed = broker.refresh(new AbortController().signal);
    await world.clock.elapse(0);
    await refreshed;
    expect(broker.status(), what).toMatchObject({ state: 'active', secret: { generation: generation + 1 } });
  }
}
