import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { howToMake } from '../../../src/platform/folder-advice.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { KeyCredential } from '../../../src/secrets/key-credential.ts';
import { KeyFile } from '../../../src/secrets/key-file.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { everyChoice } from '../../fakes/power-cuts.ts';
import { ProcessLife } from '../../fakes/process-life.ts';

const uid = process.getuid?.() ?? 0;
const isRoot = uid === 0;
/** 32 bytes whose two encodings differ. */
const key = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const base64 = Buffer.from(key).toString('base64');
const base64url = Buffer.from(key).toString('base64url');

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

function unusable(...texts: string[]) {
  const message = expect.toSatisfy((text: string) => texts.every((each) => text.includes(each))) as string;
  return { code: 'KEY_FILE_UNUSABLE', message };
}

describe('an existing key file', () => {
  it.each([
    ['base64', base64],
    ['base64 with a newline', `${base64}\n`],
    ['base64url', base64url],
    ['base64url with a newline', `${base64url}\n`],
    ['base64url with padding', `${base64url}=`],
  ])('is used as it is: %s', async (_what, contents) => {
    await writeFile(path, contents, { mode: 0o600 });
    expect(await keyFile().read()).toEqual(key);
    expect(await keyFile().create(systemRandom.bytes(32))).toEqual(key);
    expect(await readFile(path, 'utf8')).toBe(contents);
  });

  it.each([
    ['31 bytes', Buffer.from(key.subarray(1)).toString('base64')],
    ['33 bytes', Buffer.alloc(33).toString('base64')],
    ['hexadecimal', Buffer.from(key).toString('hex')],
    ['the bytes themselves', key],
    ['two newlines', `${base64}\n\n`],
    ['a space in front', ` ${base64}`],
    ['two lines', `${base64}\n${base64}\n`],
    ['nothing', ''],
  ])('is refused with anything else in it: %s', async (_what, contents) => {
    await writeFile(path, contents, { mode: 0o600 });
    await expect(keyFile().read()).rejects.toMatchObject(unusable(path, '32 bytes as base64'));
  });

  it.each([0o400, 0o600, 0o200])('may have mode %o', async (mode) => {
    await writeFile(path, base64, { mode });
    if (isRoot || mode !== 0o200) expect(await keyFile().read()).toEqual(key);
    else await expect(keyFile().read()).rejects.toMatchObject(unusable('EACCES'));
  });

  it.each([0o640, 0o604, 0o644, 0o660, 0o700, 0o4600])(
    'is refused with mode %o, and told how to mend it',
    async (mode) => {
      await writeFile(path, base64);
      await chmod(path, mode);
      const text = mode.toString(8).padStart(4, '0');
      await expect(keyFile().read()).rejects.toMatchObject(unusable(`mode ${text}`, `chmod 0600 ${path}`));
      await expect(keyFile().create(key)).rejects.toMatchObject(unusable(`mode ${text}`));
    },
  );

  it('is refused where it is a symbolic link or a folder', async () => {
    await writeFile(join(folder, 'real'), base64, { mode: 0o600 });
    await symlink('real', path);
    await expect(keyFile().read()).rejects.toMatchObject(unusable('symbolic link'));
    await rm(path);
    await mkdir(path);
    await expect(keyFile().read()).rejects.toMatchObject(unusable('not a regular file'));
  });

  it.runIf(isRoot)('may belong to root beside ourselves, and to nobody else', async () => {
    await writeFile(path, base64, { mode: 0o600 });
    const ofUser = (user: number) => new KeyFile({ path, uid: user, disk: systemDisk, random: systemRandom });
    expect(await ofUser(1234).read()).toEqual(key);
    await chown(path, 1234, 0);
    expect(await ofUser(1234).read()).toEqual(key);
    await expect(ofUser(0).read()).rejects.toMatchObject(unusable('user 1234', `chown 0 ${path}`));
  });

  it('is not absent where it cannot be looked at', async () => {
    const disk = new MemoryDisk();
    disk.fault = () => 'EACCES';
    await expect(keyFile(disk).read()).rejects.toMatchObject(unusable('EACCES'));
  });
});

describe('a missing key file', () => {
  it('is no key', async () => {
    expect(await keyFile().read()).toBeNull();
  });

  it('is made, one line of base64, for its owner alone', async () => {
    expect(await keyFile().create(key)).toEqual(key);
    expect(await readFile(path, 'utf8')).toBe(`${base64}\n`);
    expect((await stat(path)).mode & 0o7777).toBe(0o600);
  });

  it('is made once, however many make it at once', async () => {
    const keys = await Promise.all(
      Array.from({ length: 12 }, () => keyFile().create(systemRandom.bytes(32))),
    );
    const kept = await keyFile().read();
    expect(kept).toHaveLength(32);
    expect(keys).toEqual(keys.map(() => kept));
  });

  it.each(['EPERM', 'EOPNOTSUPP'])(
    'cannot be made where files have one name only (%s), and says how to make it',
    async (errno) => {
      const disk = new MemoryDisk();
      disk.seedFolder(folder);
      disk.fault = ([step]) => (step === 'link' ? errno : null);
      await expect(keyFile(disk).create(key)).rejects.toMatchObject(unusable(errno, 'base64 > '));
      expect(disk.files().size).toBe(0);
    },
  );

  it('is made all the same when another process sweeps up what it takes for a leftover', async () => {
    const disk = new MemoryDisk();
    disk.seedFolder(folder);
    disk.fault = ([step]) => {
      if (step !== 'link') return null;
      for (const name of disk.files().keys()) void disk.remove(name);
      disk.seed(path, `${base64}\n`);
      return null;
    };
    expect(await keyFile(disk).create(systemRandom.bytes(32))).toEqual(key);
    expect([...disk.files().keys()]).toEqual([path]);
  });

  it('says which folder to make where that is missing', async () => {
    const nested = new KeyFile({
      path: join(folder, 'no', 'key'),
      uid,
      disk: systemDisk,
      random: systemRandom,
    });
    await expect(nested.create(key)).rejects.toMatchObject(unusable(howToMake(join(folder, 'no'), '0700')));
  });

  it.each(['write', 'sync', 'close', 'link'])(
    'leaves nothing half made when the disk fails at %s',
    async (failing) => {
      const disk = new MemoryDisk();
      disk.seedFolder(folder);
      disk.fault = ([step]) => (step === failing ? 'ENOSPC' : null);
      await expect(keyFile(disk).create(key)).rejects.toMatchObject(unusable('ENOSPC'));
      expect(disk.files().size).toBe(0);
    },
  );

  it('is durable when it is acknowledged', async () => {
    const disk = new MemoryDisk();
    disk.seedFolder(folder);
    await keyFile(disk).create(key);
    expect(await keyFile(disk.crash(() => 0)).read()).toEqual(key);
  });

  it('is missing or whole after a crash at any step, and the next one needs no person', async () => {
    for (let at = 1, alive = false; !alive; at += 1) {
      const disk = new MemoryDisk();
      disk.seedFolder(folder);
      const life = new ProcessLife(new ManualClock(), disk);
      life.endAfter(at);
      void keyFile(life.disk).create(key);
      await new Promise((resolve) => setImmediate(resolve));
      alive = life.alive;
      const cuts = Array.from(
        everyChoice((choose) => disk.crash(choose)),
        ({ outcome }) => outcome,
      );
      for (const crashed of [disk.copy(), ...cuts]) {
        const found = await keyFile(crashed).read();
        if (found !== null) expect(found, `after step ${at}`).toEqual(key);
        const made = await keyFile(crashed).create(systemRandom.bytes(32));
        expect(await keyFile(crashed.crash(() => 0)).read(), `after step ${at}`).toEqual(made);
        expect([...crashed.files().keys()], `after step ${at}`).toEqual([path]);
      }
    }
  });
});

/** As systemd starts a unit that has credentials in `folder`. */
function credential(
  env: Readonly<Record<string, string>> = { CREDENTIALS_DIRECTORY: folder },
): KeyCredential {
  return new KeyCredential({ name: 'tokenward', env, disk: systemDisk });
}

describe('a systemd credential', () => {
  it.each([0o400, 0o440])('is the key, whatever mode systemd gave it (%o)', async (mode) => {
    await writeFile(join(folder, 'tokenward'), `${base64}\n`, { mode });
    expect(await credential().read()).toEqual(key);
    expect(await credential().create()).toEqual(key);
  });

  it('is no key where it is missing, and is not made', async () => {
    expect(await credential().read()).toBeNull();
    await expect(credential().create()).rejects.toMatchObject(unusable('LoadCredential=tokenward:FILE'));
  });

  it('is not absent but unusable where the process has no credentials', async () => {
    await expect(credential({}).read()).rejects.toMatchObject(unusable('$CREDENTIALS_DIRECTORY'));
  });

  it('is refused with anything else in it', async () => {
    await writeFile(join(folder, 'tokenward'), 'secret');
    const outcome = credential().read();
    await expect(outcome).rejects.toMatchObject(unusable('32 bytes as base64'));
  });

  it('is not replaced by its unit, which says how it can be', async () => {
    await writeFile(join(folder, 'tokenward'), base64);
    expect(await credential().readNext()).toBeNull();
    await expect(credential().createNext()).rejects.toMatchObject(
      unusable('credential tokenward', 'key_file'),
    );
    await expect(credential().promoteNext()).rejects.toMatchObject(unusable('docs/rekey.md'));
  });

  it('is not absent where it cannot be read', async () => {
    await mkdir(join(folder, 'tokenward'));
    await expect(credential().read()).rejects.toMatchObject(unusable('EISDIR'));
  });
});
