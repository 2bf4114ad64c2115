import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import type { Deviation } from '../../../src/outputs/sighting.ts';
import { TokenFile } from '../../../src/outputs/token-file.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { MemoryDisk, type DiskStep } from '../../fakes/memory-disk.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { TokenFileCounts } from '../../fakes/token-file-counts.ts';
import { eventually } from '../../support/eventually.ts';
import { HeldDisk } from './fixtures/held-disk.ts';
import { bare, tokenOf } from './fixtures/tokens.ts';

const path = '/run/tokenward/web-01.token';
const signal = new AbortController().signal;

let memory: MemoryDisk;
let tampered: (readonly Deviation[])[];
let counts: TokenFileCounts;

beforeEach(() => {
  memory = new MemoryDisk();
  memory.seedFolder('/run/tokenward');
  tampered = [];
  counts = new TokenFileCounts();
});

function tokenFile(disk: Disk = memory): TokenFile {
  return new TokenFile(
    { path, ...bare, mode: 0o640 },
    { disk, random: new SeededRandom(1), meter: counts, onTampered: (what) => void tampered.push(what) },
  );
}

function content(): string | undefined {
  const bytes = memory.files().get(path);
  return bytes && Buffer.from(bytes).toString();
}

function failOn(step: DiskStep, errno: string): void {
  memory.fault = ([done]) => (done === step ? errno : null);
}

function mended(): void {
  memory.fault = () => null;
}

describe('a failing disk', () => {
  it.each<[DiskStep, string, ErrorCode]>([
    ['create', 'EACCES', 'OUTPUT_UNUSABLE'],
    ['create', 'EROFS', 'OUTPUT_UNUSABLE'],
    ['rename', 'EPERM', 'OUTPUT_UNUSABLE'],
    ['write', 'ENOSPC', 'OUTPUT_FAILED'],
    ['sync', 'EIO', 'OUTPUT_FAILED'],
    ['sync-folder', 'EIO', 'OUTPUT_FAILED'],
    ['stat', 'EIO', 'OUTPUT_FAILED'],
  ])('%s with %s is %s, and the next try mends it', async (step, errno, code) => {
    const file = tokenFile();
    await file.publish(tokenOf('one'), signal);
    failOn(step, errno);
    const failure = file.publish(tokenOf('two', 2), signal);
    await expect(failure).rejects.toMatchObject({ code, fields: { path, errno } });
    expect(['one', 'two']).toContain(content());
    mended();
    await file.publish(tokenOf('two', 2), signal);
    expect(content()).toBe('two');
    expect([...memory.files().keys()]).toEqual([path]);
    expect(tampered).toEqual([]);
    expect(counts).toMatchObject({ failures: 1, tamperings: 0 });
  });

  it('never says the token', async () => {
    failOn('write', 'ENOSPC');
    const failure: unknown = await tokenFile()
      .publish(tokenOf('very-secret'), signal)
      .catch((error: unknown) => error);
    expect(JSON.stringify(failure) + String(failure)).not.toContain('very-secret');
  });

  it('replaces a file that cannot be read', async () => {
    memory.seed(path, 'unknown', 0o640);
    failOn('read', 'EACCES');
    await tokenFile().publish(tokenOf('abc'), signal);
    expect(content()).toBe('abc');
  });

  it.each(['EMFILE', 'ENFILE'])('is nobody else, where nothing more can be opened: %s', async (errno) => {
    const file = tokenFile();
    await file.publish(tokenOf('abc'), signal);
    failOn('read', errno);
    await expect(file.publish(tokenOf('def', 2), signal)).rejects.toMatchObject({
      code: 'OUTPUT_FAILED',
      message: expect.stringContaining('raise LimitNOFILE') as unknown,
    });
    mended();
    await file.publish(tokenOf('def', 2), signal);
    expect(content()).toBe('def');
    expect(tampered).toEqual([]);
  });

  it('publishes where leftovers cannot be listed', async () => {
    failOn('list', 'EACCES');
    await tokenFile().publish(tokenOf('abc'), signal);
    expect(content()).toBe('abc');
  });
});

describe('tokens in quick succession', () => {
  it('are written one at a time, and only the newest of those that wait', async () => {
    const held = new HeldDisk(memory);
    const file = tokenFile(held);
    const first = file.publish(tokenOf('one'), signal);
    await eventually(() => expect(held.asked).toHaveLength(1));
    const others = ['two', 'three', 'four'].map((text, index) => file.publish(tokenOf(text, index), signal));
    held.release();
    await Promise.all([first, ...others]);
    expect(content()).toBe('four');
    expect(held.asked).toHaveLength(2);
  });

  it('are all written before it closes', async () => {
    const held = new HeldDisk(memory);
    const file = tokenFile(held);
    void file.publish(tokenOf('one'), signal);
    await eventually(() => expect(held.asked).toHaveLength(1));
    void file.publish(tokenOf('two', 2), signal);
    held.release();
    await file.close();
    expect(content()).toBe('two');
  });

  it('fail each for itself: a failed write is not the failure of the next token', async () => {
    const file = tokenFile();
    let writes = 0;
    memory.fault = ([step]) => (step === 'write' && ++writes === 1 ? 'ENOSPC' : null);
    const first = file.publish(tokenOf('one'), signal);
    const second = first.catch(() => file.publish(tokenOf('two', 2), signal));
    await expect(first).rejects.toMatchObject({ code: 'OUTPUT_FAILED' });
    await second;
    expect(content()).toBe('two');
  });
});
