import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileLocks } from '../../../src/platform/file-locks.ts';
import { holderIn, lockHolder } from '../../../src/platform/lock-holder.ts';
import { loadNative } from '../../../src/platform/native.ts';
import { eventually } from '../../support/eventually.ts';
import { TemporaryFolder } from '../outputs/fixtures/temporary-folder.ts';
import { firstLine } from './fixtures/processes.ts';

const holdLock = join(import.meta.dirname, 'fixtures/hold-lock.ts');

describe('the holder of a lock', () => {
  it('is the process that has it, and is not disturbed', async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'lock');
    const locks = createFileLocks(await loadNative());
    expect(await lockHolder(path)).toEqual({ status: 'none', pid: null });
    const lock = await locks.tryAcquire(path);
    if (!lock.held) throw new Error('somebody has it');
    expect(await lockHolder(path)).toEqual({ status: 'held', pid: process.pid });
    expect(await lock.stillInPlace()).toBe(true);
    await lock.release();
    expect(await lockHolder(path)).toEqual({ status: 'none', pid: null });
  });

  it('that was killed leaves its lock and its number behind', async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'lock');
    const child = spawn(process.execPath, [holdLock, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [, sleeper] = (await firstLine(child)).split(' ');
    const pid = child.pid ?? 0;
    expect(await lockHolder(path)).toEqual({ status: 'held', pid });
    child.kill('SIGKILL');
    await eventually(async () => expect(await lockHolder(path)).toEqual({ status: 'left', pid }));
    process.kill(Number(sleeper));
    // nothing was written by looking
    expect(await readFile(path, 'utf8')).toBe(`${pid}\n`);
  });

  it('is unknown where the kernel tells nothing', async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'lock');
    await writeFile(path, '12\n');
    expect(await lockHolder(path, join(folder.path, 'no-table'))).toEqual({ status: 'unknown', pid: null });
  });
});

describe('the table of locks', () => {
  const table = [
    '1: POSIX  ADVISORY  WRITE 10 fe:00:77 0 EOF',
    '2: FLOCK  ADVISORY  READ 11 fe:00:77 0 EOF',
    '3: FLOCK  ADVISORY  WRITE 12 fd:01:77 0 EOF',
    '4: FLOCK  ADVISORY  WRITE 13 fe:00:77 0 EOF',
    '4: -> FLOCK  ADVISORY  WRITE 14 fe:00:78 0 EOF',
    '',
  ].join('\n');
  const dev = 0xfe00n;

  it.each([
    ['the exclusive flock on the file', { dev, ino: 77n, written: null }, 13],
    ['another device', { dev: 0xfd01n, ino: 77n, written: null }, 12],
    [
      'a device that stat calls otherwise, by the number in the file',
      { dev: 0x2fn, ino: 77n, written: 12 },
      12,
    ],
    ['not by another number', { dev: 0x2fn, ino: 77n, written: 99 }, null],
    ['a process that only waits has nothing', { dev, ino: 78n, written: 14 }, null],
    ['another file', { dev, ino: 7n, written: 13 }, null],
  ])('%s', (_what, file, pid) => {
    expect(holderIn(table, file)).toBe(pid);
  });
});
