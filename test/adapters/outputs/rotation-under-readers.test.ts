import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  formatNames,
  type TokenFileFormat,
  tokenFileContent,
} from '../../../src/domain/token-file-content.ts';
import { TokenFile } from '../../../src/outputs/token-file.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { TokenFileCounts } from '../../fakes/token-file-counts.ts';
import { TemporaryFolder } from './fixtures/temporary-folder.ts';
import { bare, tokenOf } from './fixtures/tokens.ts';

const reads = 1_000_000;
const mode = 0o640;

/** Larger than a page, so that a write in place could be seen half done. */
const padding = 'x'.repeat(8_000);

/** One after the other, again and again. */
const tokens = Array.from({ length: 20 }, (_, index) => tokenOf(`token-${index}-${padding}`, index + 1));

/**
 * Reads the files in turn, as fast as it can, and compares each read with what may stand there. Answers with how many
 * different contents of each file it has seen, and with what was none.
 */
const reader = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { openSync, fstatSync, readSync, closeSync } = require('node:fs');
  const { files, reads, mode } = workerData;
  const buffer = Buffer.alloc(65536);
  const watched = files.map(({ path, contents }) => ({ path, contents: contents.map((text) => Buffer.from(text)), last: 0, seen: new Set() }));
  const bad = [];
  const holds = (content, length) => content.length === length && content.compare(buffer, 0, length) === 0;
  for (let count = 0; count < reads && bad.length < 10; count += 1) {
    const file = watched[count % watched.length];
    try {
      const descriptor = openSync(file.path, 'r');
      const stats = fstatSync(descriptor);
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      closeSync(descriptor);
      if (!holds(file.contents[file.last], length)) {
        file.last = file.contents.findIndex((content) => holds(content, length));
        if (file.last === -1) bad.push(file.path + ' had ' + length + ' bytes that are no whole token');
        file.last = Math.max(file.last, 0);
      }
      file.seen.add(file.last);
      if ((stats.mode & 0o777) !== mode) bad.push(file.path + ' had mode ' + (stats.mode & 0o777).toString(8));
    } catch (error) {
      bad.push(file.path + ': ' + error.code);
    }
  }
  parentPort.postMessage({ bad, seen: watched.map(({ seen }) => seen.size) });
`;

function formatOf(kind: TokenFileFormat['kind']): TokenFileFormat {
  if (kind === 'template') return { kind, template: 'token = "{{token}}" # {{sequence}}\n' };
  return kind === 'envoy-sds' ? { kind, secretName: null } : { kind };
}

function contentOf(format: TokenFileFormat, token: (typeof tokens)[number]): string {
  const content = tokenFileContent(format, token, bare.agent);
  if ('problem' in content) throw new Error(content.problem);
  return content.text;
}

describe('a shipper that reads all the time', () => {
  it(`sees a whole token with its mode at every one of ${reads} reads`, { timeout: 60_000 }, async () => {
    using folder = new TemporaryFolder();
    const specs = formatNames.map((kind) => ({ path: folder.join(kind), format: formatOf(kind) }));
    const parts = {
      disk: systemDisk,
      random: systemRandom,
      meter: new TokenFileCounts(),
      onTampered: () => expect.unreachable(),
    };
    const outputs = specs.map((spec) => new TokenFile({ ...spec, agent: bare.agent, mode }, parts));
    const signal = new AbortController().signal;
    const publish = (index: number) => {
      const token = tokens[index % tokens.length]!;
      return Promise.all(outputs.map((output) => output.publish(token, signal)));
    };
    await publish(0);

    const files = specs.map(({ path, format }) => ({
      path,
      contents: tokens.map((token) => contentOf(format, token)),
    }));
    const worker = new Worker(reader, { eval: true, workerData: { files, reads, mode } });
    const reading = { ended: false };
    const result = once(worker, 'message').finally(() => (reading.ended = true));
    let rotations = 0;
    while (!reading.ended) await publish((rotations += 1));

    const [{ bad, seen }] = (await result) as [{ bad: string[]; seen: number[] }];
    expect(bad).toEqual([]);
    expect(rotations).toBeGreaterThan(50);
    expect(seen).toEqual(formatNames.map(() => tokens.length));
  });
});
