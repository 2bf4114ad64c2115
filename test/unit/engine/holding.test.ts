import { describe, expect, it } from 'vitest';
import { createHolding } from '../../../src/engine/holding.ts';
import type { Locks } from '../../../src/ports/lock.ts';
import { LockTable } from '../../fakes/memory-locks.ts';

const lockPaths = ['/state/lock', '/run/store.lock'];
const [agentLock = '', storeLock = ''] = lockPaths;

function two() {
  const table = new LockTable();
  const first = createHolding({ locks: table.process(1), lockPaths });
  const second = createHolding({ locks: table.process(2), lockPaths });
  return { table, first, second };
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
    const { table, first } = two();
    await first.take();
    table.removeFile(path);
    expect(await first.verify()).toBe(false);
    expect(await first.verify()).toBe(false);
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
    const holding = createHolding({ locks, lockPaths });
    await expect(holding.take()).rejects.toMatchObject({ code: 'EACCES' });
    expect(await holding.verify()).toBe(false);
    broken = false;
    expect(await holding.take()).toBeNull();
  });
});
