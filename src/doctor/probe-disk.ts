import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeAtomically } from '../platform/atomic-write.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import type { DiskFacts, SyncFacts } from './judge-disk.ts';
import { nearestExisting } from './probe-paths.ts';

/** How much room there is. `folder` need not exist. */
export async function probeSpace(folder: string, holds: DiskFacts['holds']): Promise<DiskFacts> {
  const asked = await nearestExisting(folder);
  const { bavail, blocks, bsize, ffree, files } = await statfs(asked);
  return { folder, asked, holds, bytesFree: bavail * bsize, bytes: blocks * bsize, filesFree: ffree, files };
}

/** How the name of a folder begins that is there for the time of a measurement; of another doctor too. */
export const sampleFolder = '.doctor-';

const tries = 5;
/** The size of a journal with an answer in it. */
const sampleBytes = 4096;

export interface SyncProbe {
  readonly disk: Disk;
  readonly random: Random;
  /** Milliseconds for all tries. */
  readonly timeoutMs: number;
  /** Ends the tries early, so that what was made for them is removed before the process ends. */
  readonly signal: AbortSignal;
}

/**
 * Writes a small file as the journal is written, some times over, in a folder of its own that is removed at the end, whatever
 * happens.
 */
export async function probeSync(
  folder: string,
  { disk, random, timeoutMs, signal }: SyncProbe,
): Promise<SyncFacts> {
  const times: number[] = [];
  const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await timeWrites(folder, { disk, random, ended, times });
    return { folder, times };
  } catch (error) {
    // a disk that is that slow has been measured all the same
    if (ended.aborted && times.length > 0) return { folder, times };
    const errno = ended.aborted ? 'ETIMEDOUT' : (errorCode(error) ?? 'unknown error');
    return { folder, times: { errno } };
  }
}

interface Measurement extends Pick<SyncProbe, 'disk' | 'random'> {
  readonly ended: AbortSignal;
  /** Gets milliseconds for each write that was done. */
  readonly times: number[];
}

async function timeWrites(folder: string, { disk, random, ended, times }: Measurement): Promise<void> {
  const own = await mkdtemp(join(folder, sampleFolder));
  let write = Promise.resolve();
  try {
    while (times.length < tries) {
      const begin = performance.now();
      write = writeAtomically(disk, random, join(own, 'sample'), random.bytes(sampleBytes), { mode: 0o600 });
      await Promise.race([write, ending(ended)]);
      times.push(performance.now() - begin);
    }
  } finally {
    // a write that is still under way would put a file into the folder that is being removed
    await within(settleMs, Promise.allSettled([write]));
    await within(removeMs, rm(own, { recursive: true, force: true, maxRetries: 3 }));
  }
}

/** Milliseconds for what a disk that hangs will not do. */
const settleMs = 1_000;
const removeMs = 5_000;

function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  return Promise.race([work, pause(ms, undefined, { ref: false })]);
}

/** Rejects when the signal comes. */
function ending(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
