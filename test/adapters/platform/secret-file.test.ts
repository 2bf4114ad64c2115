import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecretFile } from '../../../src/platform/secret-file.ts';

let folder: string;
let path: string;
const uid = process.geteuid?.() ?? 0;
const asRoot = uid === 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-secret-'));
  path = join(folder, 'secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(): Promise<string | null> {
  return (await readSecretFile(path, uid))?.secret.reveal() ?? null;
}

describe('a secret file', () => {
  it.each([
    ['as it is', 'violet'],
    ['without its trailing newline', 'violet\n'],
  ])('is taken %s', async (_, content) => {
    writeFileSync(path, content, { mode: 0o600 });
    expect(await read()).toBe('violet');
  });

  it('may lie behind links, and be readable for all', async () => {
    mkdirSync(join(folder, '..1'));
    writeFileSync(join(folder, '..1', 'secret'), 'violet');
    chmodSync(join(folder, '..1', 'secret'), 0o644);
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync('..data/secret', path);
    const found = await readSecretFile(path, uid);
    expect([found?.secret.reveal(), found?.mode]).toEqual(['violet', 0o644]);
  });

  it('may be missing, with its folder', async () => {
    expect(await read()).toBeNull();
    expect(await readSecretFile(join(folder, 'no', 'secret'), uid)).toBeNull();
    symlinkSync('nowhere', path);
    expect(await read()).toBeNull();
  });

  it('may belong to root, whoever runs the daemon', async () => {
    if (!asRoot) return;
    writeFileSync(path, 'violet', { mode: 0o600 });
    expect(await readSecretFile(path, 12_345)).not.toBeNull();
  });
});

describe('a secret file cannot be used that', () => {
  const flaws: [string, () => unknown, RegExp][] = [
    ['is empty', () => writeFileSync(path, '\n'), /the secret file \S+ is empty/],
    ['has two lines', () => writeFileSync(path, 'violet\nindigo\n'), /has a line break/],
    ['is too large', () => writeFileSync(path, 'v'.repeat(16 * 1024 + 1)), /larger than 16384 bytes/],
    ['is as large as a disk', () => writeFileSync(path, 'v'.repeat(1 << 20)), /larger than 16384 bytes/],
    ['is a folder', () => mkdirSync(path), /is not a regular file/],
    ['is a FIFO', () => spawnSync('mkfifo', [path]), /is not a regular file/],
    ['leads to a device', () => symlinkSync('/dev/zero', path), /is not a regular file/],
    ['leads in a circle', () => symlinkSync(path, path), /cannot read the secret file \S+ \(ELOOP\)/],
    [
      'everybody may write to',
      () => {
        writeFileSync(path, 'violet');
        chmodSync(path, 0o646);
      },
      /everybody may write to the secret file \S+; run: chmod o-w /,
    ],
  ];
  if (asRoot) {
    flaws.push([
      'belongs to somebody else',
      () => {
        writeFileSync(path, 'violet');
        chownSync(path, 12_345, 0);
      },
      /belongs to user 12345, neither root nor the user of tokenward; run: chown 0 /,
    ]);
  }
  it.each(flaws)('%s', async (_, make, message) => {
    make();
    const failed = readSecretFile(path, uid);
    await expect(failed).rejects.toMatchObject({ code: 'SECRET_FILE_UNUSABLE' });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.not.toThrow(/violet|indigo/);
  });

  it('is a socket', async () => {
    const server = createServer().listen(path);
    await once(server, 'listening');
    await expect(readSecretFile(path, uid)).rejects.toThrow(/is not a regular file/);
    server.close();
  });
});
