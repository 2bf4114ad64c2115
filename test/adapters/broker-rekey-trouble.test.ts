import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import type { AgentRecords } from '../../src/ports/wrapping-keys.ts';
import { codeOf } from '../fakes/agent-world.ts';
import { folderOf, RekeyWorld } from '../fakes/rekey-world.ts';

/** What a replacement of the wrapping key finds, and what gets in its way. */

const three = ['web-01', 'web-02', 'web-03'];

function namesOf(replaced: readonly AgentRecords[] | Error): readonly string[] {
  if (replaced instanceof Error) throw replaced;
  return replaced.flatMap(({ records }) => records.map((name) => name.replace(/-.*/, '')));
}

async function refreshed(world: RekeyWorld): Promise<string | null> {
  const ended = codeOf(world.broker().refresh(new AbortController().signal));
  await world.clock.elapse(0);
  return ended;
}

describe('what a rekey keeps', () => {
  it('a lost answer, its doubt and every answer that was kept', async () => {
    const world = await RekeyWorld.begun({ settings: { inDoubt: 'halt' } });
    world.server.mishap = () => 'bad-gateway';
    void refreshed(world);
    await world.clock.elapse(1_000);
    const before = world.broker().status();
    expect(before).toMatchObject({ state: 'blocked', alerts: [{ code: 'IN_DOUBT' }] });
    expect(namesOf(await world.rekey())).toEqual(['secret', 'journal', 'session', 'raw']);
    expect(world.broker().status()).toMatchObject({ state: 'blocked', secret: before.secret });
    world.crash(null);
    await world.start();
    expect(world.broker().status()).toMatchObject({ state: 'blocked', secret: before.secret });
    expect(world.openedWith(world.keys()[0] ?? '')).toHaveLength(4);
  });

  it('a candidate that nobody has judged yet', async () => {
    const world = await RekeyWorld.begun();
    world.server.mishap = () => 'unreachable';
    const { stored } = world.broker().handOver(new Secret(world.server.create('web-01-b')));
    await world.clock.elapse(0);
    await stored;
    expect(namesOf(await world.rekey())).toEqual(['secret', 'candidate', 'journal', 'session']);
    world.crash(null);
    world.server.mishap = () => 'none';
    await world.start();
    await world.clock.elapse(120_000);
    expect(world.broker().status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
  });

  it('nothing of an agent that has no secret yet, beside one that has', async () => {
    const world = await RekeyWorld.begun({ agents: ['web-01'], unprovisioned: ['web-02'] });
    expect(await world.rekey('web-02')).toEqual([
      { agent: 'web-01', records: ['secret', 'journal', 'session'] },
      { agent: 'web-02', records: [] },
    ]);
    expect(world.broker('web-02').status()).toMatchObject({ state: 'unprovisioned' });
  });

  it('a token that is served on meanwhile', async () => {
    const world = await RekeyWorld.begun();
    const token = world.broker().token();
    let misses = 0;
    world.onDiskChange = () => {
      if (world.broker().token()?.fingerprint !== token?.fingerprint) misses += 1;
    };
    namesOf(await world.rekey());
    expect(misses).toBe(0);
  });
});

describe('a rekey that cannot be', () => {
  it('changes nothing where there is no key yet', async () => {
    const world = await RekeyWorld.begun({ agents: [], unprovisioned: ['web-01'] });
    expect(await world.rekey('web-01')).toMatchObject({ code: 'SECRET_ABSENT' });
    expect(world.keys()).toEqual([]);
  });

  it('changes nothing where another process has one of the agents', async () => {
    const world = await RekeyWorld.begun({ agents: three });
    const before = world.keys();
    world.crash(null);
    await world.locks.process(7).tryAcquire(`${folderOf('web-02')}/lock`);
    await world.start();
    expect(await world.rekey('web-01')).toMatchObject({ code: 'AGENT_HELD' });
    expect(world.keys()).toEqual(before);
  });

  it.each([
    ['secret.sealed', 'secret'],
    ['journal.sealed', 'journal'],
    ['session.sealed', 'session'],
  ])('changes nothing where %s of one of them does not open', async (file, name) => {
    const world = await RekeyWorld.begun({ agents: three });
    const before = world.keys();
    world.crash(null);
    world.disk.seed(`${folderOf('web-03')}/${file}`, Buffer.alloc(200, 1));
    await world.start();
    const message = expect.stringContaining(`the ${name} record of web-03`) as string;
    expect(await world.rekey('web-01')).toMatchObject({ code: 'STATE_UNREADABLE', message });
    expect(world.keys()).toEqual(before);
    expect(world.broker('web-01').status()).toMatchObject({ state: 'active' });
  });

  it('changes nothing where the store belongs to another state folder', async () => {
    const world = await RekeyWorld.begun({ store: 'keychain' });
    const before = world.keys();
    world.crash(null);
    for (const name of ['journal.sealed', 'session.sealed'])
      await world.disk.remove(`${folderOf('web-01')}/${name}`);
    await world.start();
    expect(await world.rekey()).toMatchObject({ code: 'STORE_MISMATCH' });
    expect(world.keys()).toEqual(before);
  });

  it('changes nothing where the keychain is locked, and works when it is not', async () => {
    const world = await RekeyWorld.begun({ store: 'keychain' });
    world.keychain.condition = 'locked';
    expect(await world.rekey()).toMatchObject({ code: 'STORE_LOCKED' });
    world.keychain.condition = 'answering';
    expect(namesOf(await world.rekey())).toHaveLength(3);
  });
});

describe('a rekey that gets stuck half way', () => {
  it.each([
    ['the disk of an agent', 'web-02/.session', 'ENOSPC'],
    ['the last record', 'web-03/.session', 'EIO'],
    ['the place of the key', '/keys/key', 'EROFS'],
  ])('goes on by itself when %s works again, and rotates meanwhile', async (_what, path, errno) => {
    const world = await RekeyWorld.begun({ agents: three });
    const [before = ''] = world.keys();
    let next = false;
    world.disk.fault = ([step, ...paths]) => {
      next ||= step === 'link';
      const hit = next && ['create', 'rename'].includes(step) && paths.at(-1)?.includes(path) === true;
      return hit ? errno : null;
    };
    const failure = await world.rekey();
    expect(failure).toMatchObject({ message: expect.stringContaining('nothing is lost') as string });
    expect(world.keys()).toHaveLength(2);
    if (path !== '/keys/key') world.disk.fault = () => null;
    expect(await refreshed(world)).toBeNull();
    await world.clock.elapse(60_000);
    if (path === '/keys/key') {
      expect(world.log.events()).toContain('wrapping-key-not-replaced');
      world.disk.fault = () => null;
      await world.clock.elapse(120_000);
    }
    expect(world.keys()).toHaveLength(1);
    expect(world.openedWith(before)).toEqual([]);
    expect(world.log.events()).toContain('wrapping-key-replaced');
    expect(await refreshed(world)).toBeNull();
    expect(world.broker().status()).toMatchObject({ state: 'active', secret: { generation: 3 } });
  });

  it('survives a rotation and a power cut before it is finished', async () => {
    const world = await RekeyWorld.begun({ agents: three });
    world.disk.fault = ([step, , to]) => (step === 'rename' && to === '/keys/key' ? 'EROFS' : null);
    expect(await world.rekey()).toBeInstanceOf(Error);
    expect(await refreshed(world)).toBeNull();
    world.crash(() => 0);
    await world.start();
    expect(world.keys()).toHaveLength(1);
    expect(world.broker().status()).toMatchObject({ state: 'active', secret: { generation: 2 }, alerts: [] });
    expect(await refreshed(world)).toBeNull();
  });

  it('is finished when the keychain is unlocked again', async () => {
    const world = await RekeyWorld.begun({ store: 'keychain' });
    const [before = ''] = world.keys();
    world.onDiskChange = (step) => {
      if (step.includes('session.sealed')) world.keychain.condition = 'locked';
    };
    expect(await world.rekey()).toMatchObject({ code: 'STORE_LOCKED' });
    world.onDiskChange = () => {};
    await world.clock.elapse(10_000);
    expect(world.broker().status().token.status).toBe('valid');
    world.keychain.condition = 'answering';
    await world.clock.elapse(600_000);
    expect(world.keys()).toHaveLength(1);
    expect(world.openedWith(before)).toEqual([]);
    expect(world.broker().status()).toMatchObject({ state: 'active', alerts: [] });
  });

  it('two at once come one after the other', async () => {
    const world = await RekeyWorld.begun({ agents: three });
    const [before = ''] = world.keys();
    const ended = await Promise.all([world.rekey('web-01'), world.rekey('web-03')]);
    expect(ended.map((replaced) => namesOf(replaced).length)).toEqual([9, 9]);
    expect(world.keys()).toHaveLength(1);
    expect(world.openedWith(before)).toEqual([]);
    expect(world.openedWith(world.keys()[0] ?? '')).toHaveLength(9);
  });
});
