import { describe, expect, it } from 'vitest';
import { AgentWorld, folderOf } from '../fakes/agent-world.ts';
import type { WorldOptions } from '../fakes/agent-world.ts';

/** What only a person can settle: no exchange before, and the token is served to its end. */

const minute = 60_000;
const file = (name: string) => `${folderOf()}/${name}.sealed`;

/** A world of generation 2, its process gone. */
async function dead(options: WorldOptions = {}): Promise<AgentWorld> {
  const world = await AgentWorld.begun(options);
  await world.refresh();
  world.kill();
  return world;
}

function flip(world: AgentWorld, path: string): void {
  const bytes = world.disk.files().get(path) ?? new Uint8Array();
  const middle = bytes.length >> 1;
  world.disk.seed(path, Uint8Array.from(bytes).with(middle, (bytes[middle] ?? 0) ^ 1));
}

/** Puts a sealed secret of another state folder of the same agent and key into the store. */
async function withForeignSecret(world: AgentWorld): Promise<void> {
  const disk = world.disk.crash(() => 0);
  for (const name of ['journal', 'session', 'secret']) await disk.remove(file(name));
  const stranger = await AgentWorld.begun({ seed: 9, disk });
  world.disk.seed(file('secret'), stranger.disk.files().get(file('secret')));
}

const blocks: readonly (readonly [code: string, spoil: (world: AgentWorld) => Promise<void> | void])[] = [
  ['STATE_CLONED', (world) => void (world.identity = 'host:two')],
  [
    'SERVER_CHANGED',
    (world) => {
      world.settings = { ...world.settings, origin: 'https://other.example.com' };
      world.kill();
    },
  ],
  ['STATE_UNREADABLE', (world) => flip(world, file('journal'))],
  ['STATE_UNREADABLE', (world) => flip(world, file('secret'))],
  ['STATE_UNREADABLE', (world) => world.disk.seed('/keys/key', Buffer.alloc(32, 1).toString('base64'))],
  ['STORE_MISMATCH', withForeignSecret],
  ['STORE_MISMATCH', (world) => world.disk.remove(file('journal'))],
];

describe('an agent', () => {
  it.each(blocks)('is blocked by %s, and sends nothing', async (code, spoil) => {
    const world = await dead();
    await spoil(world);
    await world.start();
    expect(world.broker.status()).toMatchObject({
      state: 'blocked',
      secret: { status: 'blocked' },
      alerts: [{ code, severity: 'critical' }],
    });
    expect(await world.refresh()).toBe(code);
    await world.clock.elapse(60 * minute);
    await world.restart();
    expect(world.server.arrivals).toHaveLength(2);
  });

  it.each(blocks.filter(([code]) => code !== 'STATE_UNREADABLE'))(
    'serves its token to its end under %s',
    async (_code, spoil) => {
      const world = await dead();
      await spoil(world);
      await world.start();
      expect(world.broker.token()?.sequence).toBe(2);
      expect(world.broker.status().token).toMatchObject({ status: 'valid', sequence: 2 });
      await world.clock.elapse(31 * minute);
      expect(world.broker.token()).toBeNull();
    },
  );

  it.each(['journal', 'secret'])('serves its token though the %s cannot be read', async (name) => {
    const world = await dead();
    flip(world, file(name));
    await world.start();
    expect(world.broker.token()?.sequence).toBe(2);
    expect(world.published.at(-1)?.sequence).toBe(2);
  });

  it.each(blocks.slice(0, 2))(
    'takes a new secret under %s, and is free again when it is granted',
    async (_code, spoil) => {
      const world = await dead();
      await spoil(world);
      await world.start();
      await world.handOver('never made');
      await world.clock.elapse(1);
      expect(world.broker.status().state, 'a wrong one changes nothing').toBe('blocked');
      await world.handOver(world.server.create('web-01-new'));
      await world.clock.elapse(1);
      expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 3 }, alerts: [] });
      await world.restart();
      expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
      expect(await world.refresh()).toBeNull();
    },
  );

  it.each(blocks.slice(2))('takes no new secret under %s', async (code, spoil) => {
    const world = await dead();
    await spoil(world);
    await world.start();
    const before = new Map(world.disk.files());
    await expect(world.handOver('another')).rejects.toMatchObject({ code });
    expect(world.disk.files(), 'what cannot be read is never overwritten').toEqual(before);
  });

  it('is stopped where the store becomes another one while it runs', async () => {
    const world = await AgentWorld.begun();
    await withForeignSecret(world);
    expect(await world.refresh()).toBe('STORE_MISMATCH');
    expect(world.broker.status()).toMatchObject({ state: 'blocked', token: { status: 'valid' } });
    expect(world.server.arrivals).toHaveLength(1);
  });

  it('goes on when the cause is undone: url is set back', async () => {
    const world = await dead();
    const { settings } = world;
    world.settings = { ...settings, origin: 'https://other.example.com' };
    await world.restart();
    await world.handOver('for the other server');
    await world.clock.elapse(1);
    world.settings = settings;
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
    expect(await world.refresh()).toBeNull();
    expect(world.alerts).toEqual([]);
  });
});

describe('a store behind the journal', () => {
  it.each([
    [
      'one generation old',
      (world: AgentWorld, old: Uint8Array | undefined) => world.disk.seed(file('secret'), old),
    ],
    ['empty', (world: AgentWorld) => void world.disk.remove(file('secret'))],
  ])('%s is brought up to date without a person', async (_what, restore) => {
    const world = await AgentWorld.begun();
    const old = world.disk.files().get(file('secret'));
    await world.refresh();
    world.kill();
    restore(world, old);
    await world.start();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
    expect(await world.refresh()).toBeNull();
    expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
  });

  it('while running is brought up to date before anything is sent', async () => {
    const world = await AgentWorld.begun();
    const old = world.disk.files().get(file('secret'));
    await world.refresh();
    world.disk.seed(file('secret'), old);
    expect(await world.refresh()).toBeNull();
    expect(world.log.events()).toContain('secret-recommitted');
    expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
  });
});

describe('a lost key file', () => {
  it.each(['at a start', 'while running'])(
    '%s: unreachable, asked again, and never made anew',
    async (when) => {
      const world = await AgentWorld.begun();
      const key = world.disk.files().get('/keys/key');
      await world.disk.remove('/keys/key');
      if (when === 'at a start') await world.restart();
      else expect(await world.refresh()).toBe('STORE_UNAVAILABLE');
      expect(world.broker.status()).toMatchObject({
        secret: { status: 'unreachable' },
        alerts: [{ code: 'STORE_UNAVAILABLE' }],
      });
      await world.clock.elapse(25 * minute);
      expect(world.server.arrivals).toHaveLength(1);
      expect(world.disk.files().has('/keys/key')).toBe(false);
      world.disk.seed('/keys/key', key);
      await world.clock.elapse(minute);
      expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
      expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
    },
  );

  it('is not replaced by a hand-over', async () => {
    const world = await AgentWorld.begun();
    await world.disk.remove('/keys/key');
    await world.restart();
    await expect(world.handOver('another')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(world.disk.files().has('/keys/key')).toBe(false);
  });
});

describe('an agent of another server whose new secret was answered', () => {
  it.each(['SERVER_CHANGED', 'STATE_CLONED'])(
    'loses nothing in a crash right after the answer, under %s',
    async (code) => {
      const world = await dead();
      await blocks.find(([each]) => each === code)?.[1](world);
      await world.start();
      world.disk.fault = ([step, path = '']) =>
        step === 'create' && path.includes('/.secret.sealed') ? 'EIO' : null;
      await world.handOver(world.server.create('web-01-new'));
      await world.clock.elapse(1);
      world.disk.fault = () => null;
      await world.restart();
      expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 3 }, alerts: [] });
      expect(world.server.registry.report()['web-01-new']?.spentSecretUses).toBe(0);
    },
  );
});
