import { describe, expect, it } from 'vitest';
import { AgentWorld, codeOf, folderOf } from '../fakes/agent-world.ts';

/** Work on the store and the journal that must have them for itself, while the daemon runs. */

/** Work that ends when the test says so. */
function work() {
  const began = Promise.withResolvers<void>();
  const end = Promise.withResolvers<string>();
  return {
    began: began.promise,
    end: (result: string) => end.resolve(result),
    fail: (error: Error) => end.reject(error),
    run: () => {
      began.resolve();
      return end.promise;
    },
  };
}

describe('maintenance', () => {
  it('waits for a running exchange, and holds up the next one', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 5_000;
    void world.refresh();
    await world.clock.elapse(0);
    const maintenance = work();
    let began = false;
    void maintenance.began.then(() => (began = true));
    const done = world.broker.maintain(maintenance.run);
    await world.clock.elapse(1_000);
    expect(began).toBe(false);
    await world.clock.elapse(4_000);
    expect(began).toBe(true);
    const refreshed = codeOf(world.broker.refresh(new AbortController().signal));
    await world.clock.elapse(60_000);
    expect(world.server.arrivals).toHaveLength(2);
    expect(world.broker.token()?.sequence).toBe(2);
    maintenance.end('through');
    await world.clock.elapse(5_000);
    expect([await done, await refreshed]).toEqual(['through', null]);
    expect(world.server.arrivals).toHaveLength(3);
  });

  it('is over when the work fails, and everything is read anew', async () => {
    const world = await AgentWorld.begun();
    const stored = `${folderOf()}/secret.sealed`;
    const failed = codeOf(
      world.broker.maintain(async () => {
        await world.disk.remove(stored);
        throw Object.assign(new Error('no'), { code: 'NO' });
      }),
    );
    await world.clock.elapse(0);
    expect(await failed).toBe('NO');
    await world.clock.elapse(1_000);
    expect(world.log.events()).toContain('secret-recommitted');
    expect(world.disk.files().has(stored)).toBe(true);
    expect(world.broker.status()).toMatchObject({ state: 'active', token: { sequence: 1 } });
  });

  it('comes one after another', async () => {
    const world = await AgentWorld.begun();
    const [first, second] = [work(), work()];
    const ended: string[] = [];
    void world.broker.maintain(first.run).then((result) => ended.push(result));
    void world.broker.maintain(second.run).then((result) => ended.push(result));
    second.end('second');
    await world.clock.elapse(1_000);
    expect(ended).toEqual([]);
    first.end('first');
    await world.clock.elapse(1_000);
    expect(ended).toEqual(['first', 'second']);
  });

  it('is not for a standby', async () => {
    const world = await AgentWorld.begun();
    const other = world.assemble({ pid: 7 });
    await other.start();
    expect(await codeOf(other.maintain(async () => {}))).toBe('AGENT_HELD');
  });

  it('is not for a process whose lock file is gone', async () => {
    const world = await AgentWorld.begun();
    world.locks.removeFile(`${folderOf()}/lock`);
    const refused = codeOf(world.broker.maintain(async () => {}));
    await world.clock.elapse(0);
    expect(await refused).toBe('AGENT_HELD');
  });

  it('does not come between an unsaved secret and its store', async () => {
    const world = await AgentWorld.begun();
    world.disk.fault = ([step, path]) =>
      step === 'create' && path?.includes('secret.sealed') === true ? 'ENOSPC' : null;
    void world.refresh();
    await world.clock.elapse(0);
    expect(world.broker.status().secret.status).toBe('memory_only');
    expect(await codeOf(world.broker.maintain(async () => {}))).toBe('SECRET_NOT_PERSISTED');
  });

  it('that waits is told when the save before it begins to fail', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 5_000;
    void world.refresh();
    await world.clock.elapse(0);
    const refused = codeOf(world.broker.maintain(async () => {}));
    world.disk.fault = ([step, path]) =>
      step === 'create' && path?.includes('secret.sealed') === true ? 'ENOSPC' : null;
    await world.clock.elapse(5_000);
    expect(await refused).toBe('SECRET_NOT_PERSISTED');
  });

  it('holds up the end of the process until its files are left alone', async () => {
    const world = await AgentWorld.begun();
    const maintenance = work();
    void codeOf(world.broker.maintain(maintenance.run));
    await world.clock.elapse(0);
    let stopped = false;
    void world.broker.stop(1_000).then(() => (stopped = true));
    await world.clock.elapse(5_000);
    expect(stopped).toBe(false);
    expect(await world.locks.process(300).tryAcquire(`${folderOf()}/lock`)).toMatchObject({ held: false });
    maintenance.end('through');
    await world.clock.elapse(0);
    expect(stopped).toBe(true);
  });

  it('that waits when the process stops is refused', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 5_000;
    void world.refresh();
    await world.clock.elapse(0);
    const refused = codeOf(world.broker.maintain(async () => {}));
    void world.broker.stop(25_000);
    await world.clock.elapse(5_000);
    expect(await refused).toBe('SHUTTING_DOWN');
  });
});
