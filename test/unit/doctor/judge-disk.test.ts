import { describe, expect, it } from 'vitest';
import { type DiskFacts, judgeFiles, judgeSpace, judgeSync } from '../../../src/doctor/judge-disk.ts';
import { told } from './lines.ts';

const mib = 1024 * 1024;
const folder = '/var/lib/tokenward';
const disk = (facts: Partial<DiskFacts>): DiskFacts => ({
  folder,
  asked: folder,
  holds: 'state',
  bytesFree: 500 * mib,
  bytes: 1_000 * mib,
  filesFree: 5_000,
  files: 10_000,
  ...facts,
});

describe('room for the state', () => {
  it.each([
    [100 * mib, 1_000 * mib, 'ok'],
    [100 * mib - 1, 1_000 * mib, 'warning'],
    [150 * mib, 15_001 * mib, 'warning'],
    [10 * mib, 1_000 * mib, 'warning'],
    [10 * mib - 1, 1_000 * mib, 'failing'],
    [0, 1_000 * mib, 'failing'],
  ])('%d of %d bytes is %s', (bytesFree, bytes, status) => {
    expect(judgeSpace(disk({ bytesFree, bytes })).status).toBe(status);
  });

  it('says how much, and what to do', () => {
    expect(told(judgeSpace(disk({ bytesFree: 3.5 * mib })))).toBe(
      `failing disk-space: 3.5 MiB free of 1000 MiB (state) → make room, or enlarge the file system: df -h ${folder}; du -xh -d1 ${folder}`,
    );
  });

  it('is looked for where the folder will be made', () => {
    expect(told(judgeSpace(disk({ asked: '/var/lib' })))).toBe(
      'ok disk-space: 500 MiB free of 1000 MiB at /var/lib, the nearest folder that exists (state)',
    );
  });
});

it.each([
  [mib, 2 * mib, 'ok'],
  [mib - 1, 900 * mib, 'warning'],
  [mib / 4 - 1, 900 * mib, 'failing'],
])('room for token files, which are small: %d of %d bytes is %s', (bytesFree, bytes, status) => {
  expect(judgeSpace(disk({ holds: 'token files', bytesFree, bytes })).status).toBe(status);
});

describe('inodes', () => {
  it.each([
    [1_000, 1_000_000, 'ok'],
    [999, 1_000_000, 'warning'],
    [15, 1_000_000, 'failing'],
    [40, 64, 'ok'],
    [0, 0, 'ok'],
  ])('%d free of %d is %s', (filesFree, files, status) => {
    expect(judgeFiles(disk({ filesFree, files })).status).toBe(status);
  });

  it('says what to do', () => {
    expect(told(judgeFiles(disk({ filesFree: 3 })))).toBe(
      `failing disk-files: 3 of 10000 inodes free (state) → remove files that nobody needs: df -i ${folder}; du --inodes -x -d1 ${folder}`,
    );
  });
});

describe('a durable write', () => {
  const sync = (times: readonly number[] | { readonly errno: string }) => told(judgeSync({ folder, times }));

  it.each([
    [[1.26, 0.9, 900], 'ok disk-sync: a durable write takes 1.3 ms'],
    [[100, 100, 100], 'ok disk-sync: a durable write takes 100 ms'],
    [
      [1, 101, 150],
      'warning disk-sync: a durable write takes 101 ms; each rotation makes several before its token is served → see what keeps the disk busy (iostat -x 1), or put state_dir on a faster one',
    ],
    [
      [1, 2_001, 9_999],
      'failing disk-sync: a durable write takes 2001 ms; each rotation makes several before its token is served → see what keeps the disk busy (iostat -x 1), or put state_dir on a faster one',
    ],
  ])('%j', (times, line) => {
    expect(sync(times)).toBe(line);
  });

  it.each([
    ['ENOSPC', `make room: df -h ${folder}; df -i ${folder}`],
    ['EROFS', `mount it for writing: mount -o remount,rw "$(findmnt -no TARGET -T ${folder})"`],
    ['EACCES', `let the user that runs tokenward write there: chown USER ${folder}`],
    ['ETIMEDOUT', 'see what the disk waits for: dmesg | tail; iostat -x 1'],
    ['EIO', `see to the disk: dmesg | tail; findmnt -T ${folder}`],
  ])('%s', (errno, mend) => {
    expect(sync({ errno })).toBe(
      `failing disk-sync: nothing can be written (${errno}) → ${mend} (STATE_DIR_UNUSABLE)`,
    );
  });
});
