import { describe, expect, it } from 'vitest';
import type { RecoveryActionName } from '../../src/domain/recovery-report.ts';
import { AgentWorld, codeOf, folderOf } from '../fakes/agent-world.ts';
import { situations } from './recover-situations.ts';
import { crashAnywhere, damaged, flip, recover, sealed, withForeignSecret, works } from './recover-worlds.ts';

/** `tokenward recover` on the real engine, journal and store: from each situation to an agent at work, or to the word that only a new secret helps. */

describe.each(situations)('$name', ({ make, matter, recommended, actions, ends }) => {
  it('is told, with what can be done', async () => {
    const world = await make();
    const before = new Map(world.disk.files());
    const { report, done } = await recover(world, { dryRun: true });
    expect(done).toBeNull();
    expect(report).toMatchObject({ matter: { code: matter }, recommended });
    expect(report.actions.map(({ name }) => name)).toEqual(actions);
    expect(world.disk.files(), 'looking changes nothing').toEqual(before);
  });

  const taken = recommended ?? actions[0];
  if (taken === undefined) return;

  it(`ends by ${taken}`, async () => {
    const world = await make();
    const result = await recover(world, { action: taken });
    expect(result.done).toBe(taken);
    await world.clock.elapse(60_000);
    await ends(world);
    await world.restart();
    await ends(world);
  });

  it(`loses nothing in a crash after any step of ${taken}`, async () => {
    await crashAnywhere(make, taken, ends);
  });
});

describe('an agent at work', () => {
  it('is left alone', async () => {
    const { world } = await damaged(() => {});
    const { report, done } = await recover(world);
    expect(report).toMatchObject({ state: 'active', matter: null, remedy: 'none-needed', actions: [] });
    expect(done).toBeNull();
    expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
  });

  it.each<RecoveryActionName>(['adopt', 'replay', 'set-aside', 'finish-from-answer', 'drop-answers'])(
    'is not to be had for %s',
    async (action) => {
      const { world } = await damaged(() => {});
      expect(await codeOf(recover(world, { action }))).toBe('RECOVERY_NOT_POSSIBLE');
      expect(world.broker.status()).toMatchObject({ state: 'active' });
    },
  );

  it('without a secret is told to get one', async () => {
    const { world } = await damaged(async (each) => {
      for (const path of each.disk.files().keys())
        if (path.startsWith(folderOf())) await each.disk.remove(path);
    });
    const { report } = await recover(world);
    expect(report).toMatchObject({ matter: { code: 'SECRET_ABSENT' }, remedy: 'new-secret', actions: [] });
  });
});

describe('a store that does not answer', () => {
  it('is not recovered from', async () => {
    const { world } = await damaged(() => {});
    world.disk.fault = ([step, path = '']) =>
      step === 'read' && path.includes('secret.sealed') ? 'EIO' : null;
    const { report, done } = await recover(world);
    expect(report).toMatchObject({ matter: { code: 'STORE_UNAVAILABLE' }, remedy: 'store', store: null });
    expect(done).toBeNull();
    world.disk.fault = () => null;
    await world.clock.elapse(60_000);
    expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
  });
});

describe('an answer in which a wrong text is taken for the secret', () => {
  it('costs nothing: the secret from before is tried again, and nothing is called revoked', async () => {
    const world = await AgentWorld.begun({ policy: 'reusable', settings: { inDoubt: 'halt' } });
    world.server.reform = () => '{"newSecret":"not-the-secret-at-all"}';
    await world.refresh();
    world.server.reform = null;
    world.settings = { ...world.settings, inDoubt: 'replay_once' };
    const { done } = await recover(world, { action: 'finish-from-answer' });
    expect(done).toBe('finish-from-answer');
    await world.restart();
    await world.clock.elapse(1);
    expect(world.broker.status()).toMatchObject({ state: 'lost', token: { status: 'valid' } });
    await world.clock.elapse(15 * 60_000);
    await works(world);
  });
});

describe('what is set aside while the daemon runs', () => {
  it('is not missed by it', async () => {
    const { world } = await damaged(withForeignSecret);
    expect((await recover(world, { action: 'set-aside' })).done).toBe('set-aside');
    expect(world.broker.status()).toMatchObject({ state: 'unprovisioned', token: { status: 'valid' } });
    await world.handOver(world.server.create('new'));
    await world.clock.elapse(1);
    await works(world);
  });
});

describe('what is set aside', () => {
  it('lies in a folder named by the time, as it was', async () => {
    const { world } = await damaged((each) => flip(each, 'session'));
    const session = world.disk.files().get(sealed('session'));
    const { setAside } = await recover(world);
    expect(setAside).toMatch(/^\/state\/agents\/web-01\/set-aside-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
    expect(world.disk.files().get(`${setAside}/session.sealed`)).toEqual(session);
  });

  it('never takes the place of what was set aside before', async () => {
    const { world } = await damaged((each) => flip(each, 'session'));
    const first = await recover(world);
    world.kill();
    flip(world, 'session');
    await world.start();
    const second = await recover(world);
    expect(second.setAside).not.toBe(first.setAside);
    expect(asideIn(world)).toHaveLength(2);
  });
});

function asideIn(world: AgentWorld): readonly string[] {
  return [...world.disk.files().keys()].filter((path) => path.includes('/set-aside-'));
}
