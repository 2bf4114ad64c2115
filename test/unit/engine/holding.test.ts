import { describe, expect, it } from 'vitest';
import { createHolding } from '../../../src/engine/holding.ts';
import type { Locks } from '../../../src/ports/lock.ts';
import { LockTable } from '../../fakes/memory-locks.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';

const lockPaths = ['/state/lock', '/run/store.lock'];
const [agentLock = '', storeLock = ''] = lockPaths;

function two() {
  const table = new LockTable();
  const log = new MemoryLog();
  const first = createHolding({ locks: table.process(1), lockPaths, log });
  const second = createHolding({ locks: table.process(2), lockPaths, log });
  return { table, first, second, log };
}

describe('the locks of an agent', () => {
  it('are taken by one process, and the other learns by which', async () => {
    const { first, second } = two();
    expect(await first.take()).toBeNull();
    expect(await second.take()).toEqual({ held: false, holderPid: 1 });
    expect(await first.verify()).toBe(true);
    expect(await second.verify()).toBe(false);
  });

  it('are kept when asked for again', async () => {
    const { first, second } = two();
    await first.take();
    expect(await first.take()).toBeNull();
    expect(await second.take()).toMatchObject({ held: false });
  });

  it('are taken all or none: two state folders may name one store', async () => {
    const { table, first } = two();
    await table.process(3).tryAcquire(storeLock);
    expect(await first.take()).toEqual({ held: false, holderPid: 3 });
    expect(await table.process(4).tryAcquire(agentLock)).toMatchObject({ held: true });
  });

  it('are given back at the end', async () => {
    const { first, second } = two();
    await first.take();
    await first.release();
    expect(await second.take()).toBeNull();
    await first.release();
    expect(await second.verify()).toBe(true);
  });

  it.each(lockPaths)('mean nothing any more when %s was removed, and can be taken again', async (path) => {
    const { table, first, log } = two();
    await first.take();
    table.removeFile(path);
    expect(await first.verify()).toBe(false);
    expect(await first.verify()).toBe(false);
    expect(log.lines).toEqual([{ level: 'warn', event: 'lock-file-replaced', fields: { path } }]);
    expect(await first.take()).toBeNull();
    expect(await first.verify()).toBe(true);
  });

  it.each([
    [agentLock, storeLock],
    [storeLock, agentLock],
  ])('stay where %s was removed and another process asks: %s is kept', async (removed, other) => {
    const { table, first, second } = two();
    await first.take();
    table.removeFile(removed);
    const passing = await table.process(3).tryAcquire(removed);
    expect(await first.take()).toEqual({ held: false, holderPid: 3 });
    expect(await first.verify()).toBe(false);
    expect(await second.take()).toMatchObject({ held: false });
    expect(table.holderOf(other)).toBe(1);
    if (passing.held) await passing.release();
    expect(await second.take()).toEqual({ held: false, holderPid: 1 });
    expect(await first.take()).toBeNull();
    expect(await first.verify()).toBe(true);
  });

  it('do not stand in their own way after a lock file that could not be opened', async () => {
    const table = new LockTable();
    let broken = true;
    const locks: Locks = {
      tryAcquire: async (path) => {
        if (broken && path === storeLock) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return table.process(1).tryAcquire(path);
      },
    };
    const holding = createHolding({ locks, lockPaths, log: new MemoryLog() });
    await expect(holding.take()).rejects.toMatchObject({ code: 'EACCES' });
    expect(await holding.verify()).toBe(false);
    expect(table.holderOf(agentLock)).toBeNull();
    broken = false;
    expect(await holding.take()).toBeNull();

    broken = true;
    table.removeFile(storeLock);
    await expect(holding.take()).rejects.toMatchObject({ code: 'EACCES' });
    expect(table.holderOf(agentLock)).toBeNull();
  });
});
