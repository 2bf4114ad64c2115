import { expect, it } from 'vitest';
import { LockTable } from '../../fakes/memory-locks.ts';

it('locks in memory behave like those of the kernel', async () => {
  const table = new LockTable();
  const [one, two] = [table.process(1), table.process(2)];
  const first = await one.tryAcquire('/lock');
  if (!first.held) throw new Error('held elsewhere');
  expect(await two.tryAcquire('/lock')).toEqual({ held: false, holderPid: 1 });
  expect(await two.tryAcquire('/other')).toMatchObject({ held: true });

  table.kill(1);
  const second = await two.tryAcquire('/lock');
  expect(second).toMatchObject({ held: true });
  expect(await first.stillInPlace()).toBe(false);
  await first.release();
  expect(await one.tryAcquire('/lock')).toEqual({ held: false, holderPid: 2 });

  table.removeFile('/lock');
  expect(second.held && (await second.stillInPlace())).toBe(false);
  expect(await one.tryAcquire('/lock')).toMatchObject({ held: true });
});
