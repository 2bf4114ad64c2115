import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { KeyFile } from '../../../src/secrets/key-file.ts';
import { keyPlace } from '../../../src/secrets/key-place.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';

const uid = process.getuid?.() ?? 0;
const key = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const base64 = Buffer.from(key).toString('base64');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-key-'));
  path = join(folder, 'tokenward.key');
});
afterEach(() => rm(folder, { recursive: true }));

function keyFile(disk: Disk = systemDisk): KeyFile {
  return new KeyFile({ path, uid, disk, random: systemRandom });
}

function unusable(text: string) {
  return { code: 'KEY_FILE_UNUSABLE', message: expect.stringContaining(text) as string };
}

describe('a key file that is replaced', () => {
  const next = key.toReversed();

  it.each([0o600, 0o400])('has the next one beside it, as strict as itself (%o)', async (mode) => {
    await writeFile(path, base64, { mode });
    expect(await keyFile().readNext()).toBeNull();
    expect(await keyFile().createNext(next)).toEqual(next);
    expect(await keyFile().createNext(systemRandom.bytes(32))).toEqual(next);
    expect(await keyFile().readNext()).toEqual(next);
    expect(await keyFile().read()).toEqual(key);
    expect((await stat(`${path}.next`)).mode & 0o7777).toBe(mode);
  });

  it('is gone when the next one has its place', async () => {
    const disk = new MemoryDisk();
    disk.seed(path, base64);
    // a second name that a crash left when it was made
    await disk.link(path, join(folder, '.tokenward.key.0123456789abcdef.tmp'));
    await keyFile(disk).createNext(next);
    await keyFile(disk).promoteNext();
    await keyFile(disk).promoteNext();
    expect([
      ...disk
        .crash(() => 0)
        .files()
        .keys(),
    ]).toEqual([path]);
    expect(await keyFile(disk.crash(() => 0)).read()).toEqual(next);
  });

  it('stays where nothing is to replace it', async () => {
    await writeFile(path, base64, { mode: 0o600 });
    await keyFile().promoteNext();
    expect(await keyFile().read()).toEqual(key);
  });

  it.each([
    ['0644', 'mode 0644'],
    ['garbage', '32 bytes as base64'],
  ])('is not replaced by a file that cannot be trusted: %s', async (what, text) => {
    await writeFile(path, base64, { mode: 0o600 });
    await writeFile(`${path}.next`, what === 'garbage' ? what : base64);
    await chmod(`${path}.next`, what === 'garbage' ? 0o600 : 0o644);
    await expect(keyFile().readNext()).rejects.toMatchObject(unusable(text));
    await expect(keyFile().promoteNext()).rejects.toMatchObject(unusable(text));
    expect(await keyFile().read()).toEqual(key);
  });

  it.each([
    ['create', 'EROFS'],
    ['link', 'EPERM'],
    ['sync-folder', 'EACCES'],
  ])('gets no next one where its folder is not ours to write to (%s: %s)', async (failing, errno) => {
    const disk = new MemoryDisk();
    disk.seed(path, base64);
    disk.fault = ([step]) => (step === failing ? errno : null);
    await expect(keyFile(disk).createNext(next)).rejects.toMatchObject(unusable(errno));
    expect(await keyFile(disk).read()).toEqual(key);
  });
});

function inFile(keyPath: string): Promise<string | null> {
  return keyPlace({ store: 'file', key: { kind: 'key-file', path: keyPath } }, 'web-01');
}

describe('the place of a wrapping key', () => {
  it('is the same for all agents with the same file, by whatever way they name its folder', async () => {
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'other'));
    expect(await inFile(join(folder, 'other', 'key'))).toBe(await inFile(join(folder, 'real', 'key')));
    expect(await inFile(join(folder, 'real', 'key2'))).not.toBe(await inFile(join(folder, 'real', 'key')));
    expect(await inFile(join(folder, 'missing', 'key'))).toBe(await inFile(join(folder, 'missing', 'key')));
  });

  it('is an agent of its own in a keychain, and none in memory', async () => {
    const keychain = { store: 'keychain', deadlineMs: 1 } as const;
    expect(await keyPlace(keychain, 'web-01')).not.toBe(await keyPlace(keychain, 'web-02'));
    expect(await keyPlace({ store: 'memory' }, 'web-01')).toBeNull();
  });
});
