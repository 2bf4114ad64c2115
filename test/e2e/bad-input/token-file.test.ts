import { lstat, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { Kept } from './kept.ts';
import { expectAlert, expectFound, expectTold } from './told.ts';

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
});

afterAll(() => kept[Symbol.asyncDispose]());

const precious = 'somebody needs this';

interface Obstacle {
  readonly what: string;
  /** Of the token file, in the installation's folder. */
  readonly name: string;
  readonly put: () => Promise<unknown>;
  readonly clear: () => Promise<unknown>;
  /** What check says. */
  readonly found: readonly string[];
  /** What the alert of a daemon says. */
  readonly told: readonly string[];
}

const at = (name: string) => join(site.folder, name);

const obstacles: readonly Obstacle[] = [
  {
    what: 'whose folder is missing',
    name: 'later/token',
    put: async () => {},
    clear: () => mkdir(at('later')),
    found: ['the folder of the token file', 'install -d -m 0755'],
    told: ['is missing; run: ', 'install -d -m 0755'],
  },
  {
    what: 'in whose place a symbolic link is',
    name: 'link',
    put: async () => {
      await writeFile(at('precious'), precious);
      await symlink(at('precious'), at('link'));
    },
    clear: async () => {
      expect(await readlink(at('link'))).toBe(at('precious'));
      expect(await readFile(at('precious'), 'utf8')).toBe(precious);
      await rm(at('link'));
    },
    found: ['exists and is not a file', 'move it away: mv ', 'or choose another path'],
    told: ['is a symbolic link, which is neither followed nor replaced', 'remove it'],
  },
  {
    what: 'in whose place a folder is',
    name: 'folder',
    put: () => mkdir(at('folder')),
    clear: () => rm(at('folder'), { recursive: true }),
    found: ['exists and is not a file', 'move it away: mv ', 'or choose another path'],
    told: ['is not a regular file (folder)', 'remove it'],
  },
];

describe.each(obstacles)('a token file $what', ({ name, put, clear, found, told }) => {
  it('is told by check, by an alert while the token is served, and heals', async () => {
    await put();
    await site.configure({ agent: { files: [{ path: at(name), mode: '0600' }] } });
    expectFound(await site.cli(['check']), { code: 'OUTPUT_UNUSABLE', says: [at(name), ...found] });
    await using daemon = site.run();
    const status = await site.reaches({ state: 'active', alerts: [{ code: 'OUTPUT_FAILED' }] });
    expectAlert(status, { code: 'OUTPUT_FAILED', severity: 'warning', says: [at(name), ...told] });
    expect(await site.token()).toBe(kept.token);
    await clear();
    await site.reaches({ state: 'active', alerts: [] });
    expect(await readFile(at(name), 'utf8')).toBe(kept.token);
    expect((await lstat(at(name))).mode & 0o7777).toBe(0o600);
    await daemon.end();
    await kept.unharmed();
  });
});

it.each(['owner', 'group'])('a token file of an unknown %s', async (key) => {
  await site.configure({ agent: { files: [{ path: site.tokenFile, [key]: 'nobody-knows-me' }] } });
  const says = ['"nobody-knows-me" on this host', 'correct it, or run: '];
  expectFound(await site.cli(['check']), { code: 'CONFIG_INVALID', says: [`files[0].${key}: `, ...says] });
  expectTold(await site.cli(['run']), { code: 'CONFIG_INVALID', exitCode: 78, says });
  await kept.unharmed();
});

it('with the right file all goes on as before', () => kept.goesOn());
