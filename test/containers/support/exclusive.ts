import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileLocks } from '../../../src/platform/file-locks.ts';
import { loadNative } from '../../../src/platform/native.ts';
import { eventually } from '../../support/eventually.ts';
import { folders } from './folders.ts';

/** Longer than anything takes that is done under such a lock, on a machine that is busy. */
const PATIENCE_MS = 600_000;

/** Runs `task` while no other process of this machine runs one of the same name. Waits for ten minutes at most. */
export async function exclusively<T>(name: string, task: () => Promise<T>): Promise<T> {
  await mkdir(folders.run, { recursive: true, mode: 0o755 });
  const locks = createFileLocks(await loadNative());
  const lock = await eventually(
    async () => {
      const answer = await locks.tryAcquire(join(folders.run, `${name}.lock`));
      if (!answer.held) throw new Error(`process ${answer.holderPid} is still busy with ${name}`);
      return answer;
    },
    { withinMs: PATIENCE_MS, everyMs: 100 },
  );
  try {
    return await task();
  } finally {
    await lock.release();
  }
}
