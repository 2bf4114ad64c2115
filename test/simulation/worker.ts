import { parentPort } from 'node:worker_threads';
import { work, type Batch } from './work.ts';

/** A thread that tells stories until nobody asks for more. */
async function answer(batch: Batch): Promise<void> {
  const worked = await work(batch);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(worked);
}

parentPort?.on('message', (batch: Batch) => void answer(batch));
