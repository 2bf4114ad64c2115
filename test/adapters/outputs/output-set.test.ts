import { beforeEach, describe, expect, it } from 'vitest';
import { OutputSet } from '../../../src/outputs/output-set.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { TokenFileCounts } from '../../fakes/token-file-counts.ts';
import { eventually } from '../../support/eventually.ts';
import { HeldDisk } from './fixtures/held-disk.ts';
import { tokenOf } from './fixtures/tokens.ts';

const never = new AbortController().signal;

let memory: MemoryDisk;
let clock: ManualClock;
let told: string[];

beforeEach(() => {
  memory = new MemoryDisk();
  memory.seedFolder('/good');
  clock = new ManualClock();
  told = [];
});

function outputSet(paths: readonly string[], disk: Disk = memory): OutputSet {
  return new OutputSet(
    paths.map((path) => ({ path, format: 'bare', mode: 0o640 })),
    {
      disk,
      clock,
      random: new SeededRandom(1),
      log: new MemoryLog(),
      meter: () => new TokenFileCounts(),
      onFailed: (output, { code }) => void told.push(`${output} ${code}`),
      onWorking: (output) => void told.push(`${output} works`),
      onTampered: (path) => void told.push(`${path} tampered`),
      onRestored: (path) => void told.push(`${path} restored`),
    },
  );
}

function files(): Record<string, string> {
  return Object.fromEntries(
    [...memory.files()].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]),
  );
}

describe('the outputs of an agent', () => {
  it('all get the token', async () => {
    expect(await outputSet(['/good/a', '/good/b']).publish(tokenOf('one'))).toBe(true);
    expect(files()).toEqual({ '/good/a': 'one', '/good/b': 'one' });
  });

  it('may be none', async () => {
    const none = outputSet([]);
    expect(await none.publish(tokenOf('one'))).toBe(true);
    await none.close(never);
  });

  it('do not suffer from one that fails, which catches up by itself', async () => {
    const outputs = outputSet(['/missing/a', '/good/b']);
    expect(await outputs.publish(tokenOf('one'))).toBe(false);
    expect([files(), told]).toEqual([{ '/good/b': 'one' }, ['/missing/a OUTPUT_UNUSABLE']]);
    memory.seedFolder('/missing');
    await clock.elapse(60_000);
    expect(files()).toEqual({ '/missing/a': 'one', '/good/b': 'one' });
    expect(told).toEqual(['/missing/a OUTPUT_UNUSABLE', '/missing/a works']);
  });

  it('do not wait for one that hangs', async () => {
    const disk = new HeldDisk(memory, (path) => path === '/good/slow');
    const outputs = outputSet(['/good/slow', '/good/quick'], disk);
    void outputs.publish(tokenOf('one'));
    await eventually(() => expect(files()['/good/quick']).toBe('one'));
    void outputs.publish(tokenOf('two', 2));
    await eventually(() => expect(files()['/good/quick']).toBe('two'));
    disk.release();
    await eventually(() => expect(files()['/good/slow']).toBe('two'));
  });
});

describe('closing', () => {
  it('lets writes under way finish', async () => {
    const disk = new HeldDisk(memory);
    const outputs = outputSet(['/good/a'], disk);
    void outputs.publish(tokenOf('one'));
    await eventually(() => expect(disk.asked).toHaveLength(1));
    const closed = outputs.close(never);
    disk.release();
    await closed;
    expect(files()).toEqual({ '/good/a': 'one' });
  });

  it('does not wait past its deadline', async () => {
    const disk = new HeldDisk(memory);
    const outputs = outputSet(['/good/a'], disk);
    void outputs.publish(tokenOf('one'));
    await eventually(() => expect(disk.asked).toHaveLength(1));
    const deadline = new AbortController();
    const closed = outputs.close(deadline.signal);
    deadline.abort();
    await closed;
    disk.release();
  });

  it('ends the retries', async () => {
    const outputs = outputSet(['/missing/a']);
    await outputs.publish(tokenOf('one'));
    await outputs.close(never);
    expect(clock.nextDueInMs()).toBeNull();
  });
});
