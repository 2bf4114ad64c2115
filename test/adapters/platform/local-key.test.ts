import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalKey } from '../../../src/platform/local-key.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';

const first = 'the-first-key-of-this-host';
const second = 'the-second-key-of-this-host';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-key-'));
  path = join(folder, 'client.key');
  writeFileSync(path, `${first}\n`, { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (failures: unknown[] = []) =>
  openLocalKey(path, { disk: systemDisk, onUnusable: (error) => failures.push(error) });

describe('a key of this host', () => {
  it('is its line, without the newline', async () => {
    const key = await open();
    expect(
      await Promise.all([first, `${first}\n`, first.slice(1), ''].map((shown) => key.matches(shown))),
    ).toEqual([true, false, false, false]);
  });

  it('is another one as soon as its file is', async () => {
    const key = await open();
    writeFileSync(join(folder, 'next'), second, { mode: 0o600 });
    renameSync(join(folder, 'next'), path);
    const shown = [second, second, first];
    expect(await Promise.all(shown.map((text) => key.matches(text)))).toEqual([true, true, false]);
  });

  it('stays while its file cannot be used, which is told once', async () => {
    const failures: unknown[] = [];
    const key = await open(failures);
    chmodSync(path, 0o644);
    expect(await key.matches(first)).toBe(true);
    rmSync(path);
    expect(await key.matches(first)).toBe(true);
    expect(await key.matches(first)).toBe(true);
    expect(failures).toMatchObject([{ code: 'KEY_FILE_UNUSABLE' }, { code: 'KEY_FILE_UNUSABLE' }]);
  });

  it.each([
    ['missing', () => rmSync(path)],
    ['open to others', () => chmodSync(path, 0o640)],
    ['too short', () => writeFileSync(path, 'hunter2')],
    ['empty', () => writeFileSync(path, '')],
  ])('is not taken from a file that is %s', async (_what, spoil) => {
    spoil();
    await expect(open()).rejects.toMatchObject({ code: 'KEY_FILE_UNUSABLE' });
  });
});
