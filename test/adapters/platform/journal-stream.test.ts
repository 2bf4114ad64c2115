import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isJournal } from '../../../src/platform/journal-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-journal-'));

function opened<T>(use: (fd: number, named: string) => T): T {
  const fd = openSync(join(folder, 'stream'), 'w');
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return use(fd, `${dev}:${ino}`);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  }
}

it('a descriptor is the journal where it is the very one that systemd named, and nowhere else', () => {
  opened((fd, named) => {
    const told = (name: string | undefined) =>
      isJournal(fd, name === undefined ? {} : { JOURNAL_STREAM: name });
    expect(told(named)).toBe(true);
    expect(told(undefined)).toBe(false);
    expect(told('')).toBe(false);
    expect(told(`${named}0`)).toBe(false);
    expect(told(named.replace(':', ':1'))).toBe(false);
    expect(told(`1${named}`)).toBe(false);
  });
});

it('a closed descriptor is no journal', () => {
  expect(isJournal(999_999, { JOURNAL_STREAM: '1:1' })).toBe(false);
});
