import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLocks } from '../../../src/platform/file-locks.ts';
import { loadNative } from '../../../src/platform/native.ts';
import type { HeldElsewhere, Lock } from '../../../src/ports/lock.ts';
import { firstLine } from './fixtures/processes.ts';

const locks = createFileLocks(await loadNative());

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-locks-'));
  path = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true }));

async function acquired(): Promise<Lock> {
  const lock = await locks.tryAcquire(path);
  if (!lock.held) throw new Error('held elsewhere');
  return lock;
}

describe('within one process', () => {
  it('a lock is taken once, and again after its release', async () => {
    const lock = await acquired();
    expect(await locks.tryAcquire(path)).toEqual({ held: false, holderPid: process.pid });
    await lock.release();
    await lock.release();
    await (await acquired()).release();
  });

  it('says who holds it, in a file for its owner alone', async () => {
    const lock = await acquired();
    expect(await readFile(path, 'utf8')).toBe(`${process.pid}\n`);
    expect((await stat(path)).mode & 0o7777).toBe(0o600);
    await lock.release();
  });

  it('replaces what the last holder wrote', async () => {
    await writeFile(path, '1234567890\nand more');
    const lock = await acquired();
    expect(await readFile(path, 'utf8')).toBe(`${process.pid}\n`);
    await lock.release();
  });

  it('notices when the file is removed or replaced', async () => {
    const lock = await acquired();
    expect(await lock.stillInPlace()).toBe(true);
    await rename(path, join(folder, 'away'));
    expect(await lock.stillInPlace()).toBe(false);
    const second = await acquired();
    expect(await lock.stillInPlace()).toBe(false);
    expect(await second.stillInPlace()).toBe(true);
    await second.release();
    expect(await second.stillInPlace()).toBe(false);
    await lock.release();
  });

  it('leaves no file behind, and never two holders', async () => {
    const first = await acquired();
    await first.release();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    const [one, two] = await Promise.all([locks.tryAcquire(path), locks.tryAcquire(path)]);
    expect([one.held, two.held].filter(Boolean)).toHaveLength(1);
    for (const lock of [one, two]) if (lock.held) await lock.release();
  });

  it('takes nothing away that is not its own any more', async () => {
    const lock = await acquired();
    await rename(path, join(folder, 'away'));
    await writeFile(path, 'of somebody else');
    await lock.release();
    expect(await readFile(path, 'utf8')).toBe('of somebody else');
  });

  it('is a file of one name: what is behind another name is neither locked nor written to', async () => {
    const record = join(folder, 'record');
    await writeFile(record, 'needed');
    await link(record, path);
    const lock = await acquired();
    expect(await readFile(record, 'utf8')).toBe('needed');
    expect((await stat(path)).nlink).toBe(1);

    const copy = join(folder, 'copy');
    await link(path, copy);
    expect(await lock.stillInPlace()).toBe(true);
    expect(await locks.tryAcquire(path)).toMatchObject({ held: false });
    await lock.release();
    const ofTheCopy = await locks.tryAcquire(copy);
    expect(ofTheCopy).toMatchObject({ held: true });
    await (await acquired()).release();
    if (ofTheCopy.held) await ofTheCopy.release();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a folder', () => mkdir(path)],
    ['a symbolic link', () => symlink(join(folder, 'away'), path)],
  ])('notices %s in its place, and does not take that', async (_what, replace) => {
    const refused = {
      code: 'STATE_DIR_UNUSABLE',
      message: `${path} is no regular file, and so cannot be the lock; remove it`,
    };
    const lock = await acquired();
    await rename(path, join(folder, 'away'));
    await replace();
    expect(await lock.stillInPlace()).toBe(false);
    await expect(locks.tryAcquire(path)).rejects.toMatchObject(refused);
    await lock.release();
    await expect(locks.tryAcquire(path)).rejects.toMatchObject(refused);
  });

  it('notices that its folder has become a file', async () => {
    await mkdir(join(folder, 'agent'));
    const lock = await locks.tryAcquire(join(folder, 'agent', 'lock'));
    await rename(join(folder, 'agent'), join(folder, 'away'));
    await writeFile(join(folder, 'agent'), '');
    expect(lock.held && (await lock.stillInPlace())).toBe(false);
    if (lock.held) await lock.release();
  });

  it('does not follow a symbolic link', async () => {
    await symlink(join(folder, 'elsewhere'), path);
    await expect(locks.tryAcquire(path)).rejects.toMatchObject({ code: 'STATE_DIR_UNUSABLE' });
    await expect(stat(join(folder, 'elsewhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('needs its folder', async () => {
    await expect(locks.tryAcquire(join(folder, 'none', 'lock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('does not depend on the pid in the file', async () => {
    const lock = await acquired();
    await writeFile(path, 'not a number');
    expect(await locks.tryAcquire(path)).toEqual({ held: false, holderPid: null });
    await lock.release();
  });
});

describe('between processes', () => {
  const grandchildren: number[] = [];
  let holder: ChildProcess;

  beforeEach(async () => {
    holder = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/hold-lock.ts'), path]);
    const [answer, grandchild] = (await firstLine(holder)).split(' ');
    expect(answer).toBe('held');
    grandchildren.push(Number(grandchild));
  });
  afterEach(async () => {
    if (holder.exitCode === null && holder.signalCode === null) {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    for (const pid of grandchildren.splice(0)) process.kill(pid, 'SIGKILL');
  });

  it('a lock is held by one', async () => {
    const answer = (await locks.tryAcquire(path)) as HeldElsewhere;
    expect(answer).toEqual({ held: false, holderPid: holder.pid });
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'the kernel gives it up when the holder ends by %s, though its child lives on',
    async (signal) => {
      holder.kill(signal);
      await once(holder, 'exit');
      const lock = await acquired();
      expect(process.kill(grandchildren[0] ?? 0, 0)).toBe(true);
      await lock.release();
    },
  );
});
