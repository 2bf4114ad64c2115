import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { TokenFile } from '../../../src/outputs/token-file.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { TokenFileCounts } from '../../fakes/token-file-counts.ts';
import { TemporaryFolder } from './fixtures/temporary-folder.ts';
import { bare, tokenOf } from './fixtures/tokens.ts';

const rotations = 200;
/** Larger than a page, so that a write in place could be seen half done. */
const padding = 'x'.repeat(8_000);

/** Reads as fast as it can until told to stop, and answers with how often it read and what was not a whole token. */
const reader = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { readFileSync } = require('node:fs');
  const { path, length, flag } = workerData;
  const stop = new Int32Array(flag);
  const seen = new Set();
  const bad = [];
  let reads = 0;
  while (Atomics.load(stop, 0) === 0) {
    let text;
    try { text = readFileSync(path, 'utf8'); } catch (error) { text = error.code; }
    reads += 1;
    if (reads === 1) parentPort.postMessage('reading');
    if (text.length === length && /^token-\\d{3}-x+$/.test(text)) seen.add(text);
    else bad.push(text.slice(0, 20));
  }
  parentPort.postMessage({ reads, tokens: seen.size, bad });
`;

function token(sequence: number): string {
  return `token-${String(sequence).padStart(3, '0')}-${padding}`;
}

function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe('a shipper that reads all the time', () => {
  it(`sees a whole token at every read of ${rotations} rotations`, { timeout: 30_000 }, async () => {
    using folder = new TemporaryFolder();
    const path = folder.join('web-01.token');
    const file = new TokenFile(
      { path, ...bare, mode: 0o640 },
      {
        disk: systemDisk,
        random: systemRandom,
        meter: new TokenFileCounts(),
        onTampered: () => expect.unreachable(),
      },
    );
    const signal = new AbortController().signal;
    await file.publish(tokenOf(token(0)), signal);

    const flag = new SharedArrayBuffer(4);
    const workerData = { path, length: token(0).length, flag };
    const worker = new Worker(reader, { eval: true, workerData });
    await nextMessage(worker);
    for (let sequence = 1; sequence <= rotations; sequence += 1) {
      await file.publish(tokenOf(token(sequence), sequence), signal);
    }
    const result = nextMessage(worker);
    Atomics.store(new Int32Array(flag), 0, 1);

    const { reads, tokens, bad } = (await result) as { reads: number; tokens: number; bad: string[] };
    expect(bad).toEqual([]);
    expect(reads).toBeGreaterThan(rotations);
    expect(tokens).toBeGreaterThan(10);
  });
});
