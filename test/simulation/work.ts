import { Worker } from 'node:worker_threads';
import type { Finding } from './report.ts';
import { tell } from './run.ts';
import type { StoryOptions } from './story.ts';
import { addTally, emptyTally, type Tally } from './tally.ts';

/** Many stories at once: each worker asks for the next few seeds as soon as it has told its last ones. */

export interface Batch {
  readonly seeds: readonly number[];
  readonly options: StoryOptions;
}

export interface Worked {
  readonly tally: Tally;
  readonly findings: readonly Finding[];
}

const batchSize = 8;

/** One worker's share. */
export async function work({ seeds, options }: Batch): Promise<Worked> {
  const tally = emptyTally();
  const findings: Finding[] = [];
  for (const seed of seeds) {
    const told = await tell(seed, options);
    addTally(tally, told.tally);
    if (told.violation !== null) findings.push({ seed, violation: told.violation });
  }
  return { tally, findings };
}

export async function* workedOff(
  seeds: readonly number[],
  options: StoryOptions,
  jobs: number,
): AsyncGenerator<Worked> {
  const batches: Batch[] = [];
  for (let from = 0; from < seeds.length; from += batchSize)
    batches.push({ seeds: seeds.slice(from, from + batchSize), options });
  if (jobs === 1 || batches.length === 1) {
    for (const batch of batches) yield await work(batch);
    return;
  }
  const workers = Array.from({ length: Math.min(jobs, batches.length) }, () => newWorker());
  try {
    const running = new Map(workers.map((worker) => [worker, next(worker, batches)]));
    while (running.size > 0) {
      const { worker, worked } = await Promise.race(running.values());
      if (worked !== null) yield worked;
      if (worked === null) running.delete(worker);
      else running.set(worker, next(worker, batches));
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function newWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url));
}

/** null: nothing is left to do. */
function next(worker: Worker, batches: Batch[]): Promise<{ worker: Worker; worked: Worked | null }> {
  const batch = batches.shift();
  if (batch === undefined) return Promise.resolve({ worker, worked: null });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (worked: Worked) => {
      worker.off('error', reject);
      resolve({ worker, worked });
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(batch);
  });
}
