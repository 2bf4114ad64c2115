import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemDisk } from '../../../src/platform/system-disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-disk-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('modes', () => {
  const program = `
    const [, module, folder] = process.argv;
    const { systemDisk } = await import(module);
    process.umask(Number(process.argv[3]));
    await (await systemDisk.create(folder + '/file', 0o640)).close();
    await systemDisk.makeFolder(folder + '/folder', 0o750);
  `;
  it.each([0o000, 0o022, 0o777])('are exact under the umask %d', async (umask) => {
    const module = join(import.meta.dirname, '../../../src/platform/system-disk.ts');
    await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      program,
      module,
      folder,
      String(umask),
    ]);
    expect((await stat(join(folder, 'file'))).mode & 0o7777).toBe(0o640);
    expect((await stat(join(folder, 'folder'))).mode & 0o7777).toBe(0o750);
  });
});

describe('symbolic links', () => {
  it('are never written through', async () => {
    await symlink(join(folder, 'elsewhere'), join(folder, 'link'));
    await expect(systemDisk.create(join(folder, 'link'), 0o600)).rejects.toMatchObject({ code: 'EEXIST' });
    await writeFile(join(folder, 'new'), 'x');
    await systemDisk.rename(join(folder, 'new'), join(folder, 'link'));
    await expect(readlink(join(folder, 'link'))).rejects.toMatchObject({ code: 'EINVAL' });
    expect(await systemDisk.stat(join(folder, 'elsewhere'))).toBeNull();
  });

  it('are seen for what they are', async () => {
    await symlink('nowhere', join(folder, 'link'));
    expect(await systemDisk.stat(join(folder, 'link'))).toMatchObject({ kind: 'symlink' });
    expect(await systemDisk.read(join(folder, 'link'))).toBeNull();
  });

  it('to a folder count as the folder', async () => {
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'link'));
    await systemDisk.makeFolder(join(folder, 'link'), 0o700);
    expect(await systemDisk.list(join(folder, 'link'))).toEqual([]);
  });
});

it('tells a socket from a file', async () => {
  const server = createServer().listen(join(folder, 's'));
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await systemDisk.stat(join(folder, 's'))).toMatchObject({ kind: 'socket' });
  await new Promise((resolve) => server.close(resolve));
});

it.runIf(process.getuid?.() === 0)('gives a file away', async () => {
  const file = await systemDisk.create(join(folder, 'a'), 0o640);
  await file.setOwner(4711, 4712);
  await file.close();
  expect(await systemDisk.stat(join(folder, 'a'))).toMatchObject({ uid: 4711, gid: 4712, mode: 0o640 });
});
