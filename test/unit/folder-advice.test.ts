import { chownSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { howToMake, howToOpen, howToOwn, whoMayNot } from '../../src/platform/folder-advice.ts';

const root = 0;
const alice = 1000;

describe('a folder that is missing', () => {
  it.each([
    ['/srv/tokens', root, 'run: install -d -m 0755 /srv/tokens'],
    ['/srv/tokens', alice, 'run: sudo install -d -m 0755 -o 1000 /srv/tokens'],
    [
      '/run/tokenward',
      root,
      'run: install -d -m 0755 /run/tokenward (in a systemd unit: RuntimeDirectory=tokenward)',
    ],
    [
      '/var/run/a/b',
      alice,
      'run: sudo install -d -m 0755 -o 1000 /var/run/a/b (in a systemd unit: RuntimeDirectory=a/b)',
    ],
  ])('%s, for uid %i', (folder, uid, advice) => expect(howToMake(folder, '0755', uid)).toBe(advice));
});

describe('a folder that may not be written', () => {
  it.each([
    ['/srv/tokens', 'EACCES', 'run tokenward as the user that may, or run: sudo chown 1000 /srv/tokens'],
    [
      '/run',
      'EACCES',
      'name a folder of its own, such as /run/tokenward; run: sudo install -d -m 0755 -o 1000 /run/tokenward (in a systemd unit: RuntimeDirectory=tokenward)',
    ],
    ['/etc', 'EROFS', 'mount it for writing (in a systemd unit: ReadWritePaths=/etc)'],
  ])('%s (%s)', (folder, errno, advice) => expect(howToOpen(folder, errno, alice)).toBe(advice));

  it.each(['/', '/etc', '/home', '/var/lib', '/var/run', '/run/lock'])(
    '%s is never given to anybody',
    (folder) => expect(howToOpen(folder, 'EACCES', alice)).not.toContain('chown'),
  );

  it('is ours already, and only its mode is in the way', () => {
    const uid = process.geteuid?.() || alice;
    const folder = mkdtempSync(join(tmpdir(), 'tokenward-advice-'));
    if (process.geteuid?.() === root) chownSync(folder, uid, uid);
    expect(howToOpen(folder, 'EACCES', uid)).toBe(`run: chmod u+rwx ${folder}`);
    rmdirSync(folder);
  });

  it('is ours as a whole where it is the state folder', () => {
    expect(howToOwn('/var/lib/tokenward', 'EACCES', alice)).toContain(
      'sudo chown -R 1000 /var/lib/tokenward',
    );
  });

  it('is told by who may not, or why nobody may', () => {
    expect(whoMayNot('EACCES', alice)).toBe('uid 1000 may not write to it');
    expect(whoMayNot('EROFS', alice)).toBe('the file system is read-only here');
  });
});
