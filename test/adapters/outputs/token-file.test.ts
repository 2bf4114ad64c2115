import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deviation } from '../../../src/outputs/sighting.ts';
import { TokenFile, type TokenFileSpec } from '../../../src/outputs/token-file.ts';
import { howToMake } from '../../../src/platform/folder-advice.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { TokenFileCounts } from '../../fakes/token-file-counts.ts';
import { TemporaryFolder } from './fixtures/temporary-folder.ts';
import { bare, tokenOf } from './fixtures/tokens.ts';

const asRoot = process.getuid?.() === 0;
const signal = new AbortController().signal;

let folder: TemporaryFolder;
let path: string;
let tampered: (readonly Deviation[])[];
let counts: TokenFileCounts;

beforeEach(() => {
  folder = new TemporaryFolder();
  path = folder.join('web-01.token');
  tampered = [];
  counts = new TokenFileCounts();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function tokenFile(spec: Partial<TokenFileSpec> = {}): TokenFile {
  return new TokenFile(
    { path, ...bare, mode: 0o640, ...spec },
    { disk: systemDisk, random: systemRandom, meter: counts, onTampered: (what) => void tampered.push(what) },
  );
}

function mode(): number {
  return lstatSync(path).mode & 0o7777;
}

describe('publishing', () => {
  it('writes the bare token, without a newline', async () => {
    await tokenFile().publish(tokenOf('abc.def'), signal);
    expect(readFileSync(path, 'utf8')).toBe('abc.def');
  });

  it.each([
    ['0', '640'],
    ['077', '640'],
    ['0777', '400'],
    ['022', '666'],
  ])('reaches the exact mode under umask %s', (umask, wanted) => {
    const program = new URL('fixtures/publish-once.ts', import.meta.url).pathname;
    execFileSync(process.execPath, [program, path, wanted, umask]);
    expect(mode().toString(8)).toBe(wanted);
    expect(readFileSync(path, 'utf8')).toBe('published');
  });

  it.runIf(asRoot).each([
    [{ uid: 12, gid: 34 }, [12, 34]],
    [{ uid: 12 }, [12, process.getgid?.()]],
    [{ gid: 34 }, [process.getuid?.(), 34]],
  ])('gives the file to %o', async (owner, wanted) => {
    await tokenFile(owner).publish(tokenOf('abc'), signal);
    const { uid, gid } = lstatSync(path);
    expect([uid, gid]).toEqual(wanted);
  });

  it('replaces the file instead of writing into it', async () => {
    const file = tokenFile();
    await file.publish(tokenOf('one'), signal);
    const before = lstatSync(path).ino;
    await file.publish(tokenOf('two', 2), signal);
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(lstatSync(path).ino).not.toBe(before);
    expect(readdirSync(folder.path)).toEqual(['web-01.token']);
    expect(tampered).toEqual([]);
  });

  it('writes nothing where the file is right already, as after a restart', async () => {
    await tokenFile().publish(tokenOf('same'), signal);
    const before = lstatSync(path, { bigint: true });
    const restarted = tokenFile();
    await restarted.publish(tokenOf('same'), signal);
    await restarted.publish(tokenOf('same'), signal);
    const after = lstatSync(path, { bigint: true });
    expect([after.ino, after.ctimeNs]).toEqual([before.ino, before.ctimeNs]);
    expect(counts.writes).toBe(1);
  });

  it('mends mode and content that a former run left, without calling it tampering', async () => {
    writeFileSync(path, 'old token');
    chmodSync(path, 0o666);
    await tokenFile().publish(tokenOf('new token'), signal);
    expect([readFileSync(path, 'utf8'), mode()]).toEqual(['new token', 0o640]);
    expect(tampered).toEqual([]);
  });

  it('removes what a crash left, and nothing else', async () => {
    const leftover = folder.join('.web-01.token.0123456789abcdef.tmp');
    writeFileSync(leftover, 'half a tok');
    writeFileSync(folder.join('.web-01.token.tmp'), 'of somebody else');
    await tokenFile().publish(tokenOf('abc'), signal);
    expect(readdirSync(folder.path)).toEqual(['.web-01.token.tmp', 'web-01.token']);
  });

  it('does nothing once its signal has fired', async () => {
    await expect(tokenFile().publish(tokenOf('abc'), AbortSignal.abort())).rejects.toThrow('aborted');
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe('what others did since the last publish', () => {
  const changes: [Deviation, () => void][] = [
    ['removed', () => rmSync(path)],
    ['content', () => writeFileSync(path, 'forged')],
    ['mode', () => chmodSync(path, 0o644)],
    [
      'replaced',
      () => {
        rmSync(path);
        symlinkSync(folder.join('elsewhere'), path);
      },
    ],
  ];
  if (asRoot) changes.push(['owner', () => chownSync(path, 1, 1)]);

  it.each(changes)('is noticed and put right: %s', async (what, change) => {
    writeFileSync(folder.join('elsewhere'), 'untouched');
    const file = tokenFile();
    await file.publish(tokenOf('abc'), signal);
    change();
    await file.publish(tokenOf('abc'), signal);
    const { uid } = lstatSync(path);
    expect([readFileSync(path, 'utf8'), mode(), uid]).toEqual(['abc', 0o640, process.getuid?.()]);
    expect(lstatSync(path).isFile()).toBe(true);
    expect(readFileSync(folder.join('elsewhere'), 'utf8')).toBe('untouched');
    expect(tampered).toEqual([[what]]);
    expect(counts).toMatchObject({ writes: 2, failures: 0, tamperings: 1 });
  });
});

describe('where a token cannot be written', () => {
  it('neither follows nor replaces a symbolic link that was there before', async () => {
    const target = folder.join('target');
    writeFileSync(target, 'untouched');
    symlinkSync(target, path);
    await expect(tokenFile().publish(tokenOf('abc'), signal)).rejects.toMatchObject({
      code: 'OUTPUT_UNUSABLE',
      message: expect.stringContaining('symbolic link') as string,
    });
    expect(readFileSync(target, 'utf8')).toBe('untouched');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it('names the folder to make', async () => {
    const missing = folder.join('missing');
    await expect(tokenFile({ path: `${missing}/t` }).publish(tokenOf('abc'), signal)).rejects.toMatchObject({
      code: 'OUTPUT_UNUSABLE',
      message: expect.stringContaining(howToMake(missing, '0755')) as string,
    });
  });

  it('says that a file stands where the folder should be', async () => {
    writeFileSync(folder.join('file'), '');
    await expect(
      tokenFile({ path: folder.join('file', 't') }).publish(tokenOf('abc'), signal),
    ).rejects.toMatchObject({
      code: 'OUTPUT_UNUSABLE',
      message: expect.stringContaining('is not a folder') as string,
    });
  });

  it('says that a folder stands at the path', async () => {
    mkdirSync(path);
    await expect(tokenFile().publish(tokenOf('abc'), signal)).rejects.toMatchObject({
      code: 'OUTPUT_UNUSABLE',
      message: expect.stringContaining('not a regular file (folder)') as string,
    });
  });

  it('succeeds once the reason is gone', async () => {
    const file = tokenFile({ path: folder.join('late', 't') });
    await expect(file.publish(tokenOf('abc'), signal)).rejects.toMatchObject({ code: 'OUTPUT_UNUSABLE' });
    mkdirSync(folder.join('late'));
    await file.publish(tokenOf('abc'), signal);
    expect(readFileSync(folder.join('late', 't'), 'utf8')).toBe('abc');
  });
});

describe('withdrawing', () => {
  it('removes the file, and what a crash has left beside it', async () => {
    const file = tokenFile();
    await file.publish(tokenOf('abc'), signal);
    await file.withdraw(signal);
    await file.withdraw(signal);
    expect(readdirSync(folder.path)).toEqual([]);
    await file.publish(tokenOf('def', 2), signal);
    expect([readFileSync(path, 'utf8'), tampered]).toEqual(['def', []]);
  });

  it('is done where the folder is gone', async () => {
    rmSync(folder.path, { recursive: true });
    await expect(tokenFile().withdraw(signal)).resolves.toBeUndefined();
  });

  it.each([
    ['a symbolic link', () => symlinkSync('/etc/hostname', path)],
    ['a folder', () => mkdirSync(path)],
  ])('leaves %s as it is', async (_, make) => {
    make();
    await tokenFile().withdraw(signal);
    expect(lstatSync(path).isFile()).toBe(false);
  });
});
