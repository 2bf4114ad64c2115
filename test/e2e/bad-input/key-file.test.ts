import { chmod, chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { Kept } from './kept.ts';
import { expectFound, expectTold } from './told.ts';

let kept: Kept;
let site: Installation;
let key: string;
let aside: string;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
  key = join(site.stateDir, 'wrapping.key');
  aside = join(site.folder, 'wrapping.key.aside');
});

afterAll(() => kept[Symbol.asyncDispose]());

// The key itself stays whole, whatever is in its place.
beforeEach(() => rename(key, aside));
afterEach(async () => {
  await rm(key, { recursive: true, force: true });
  await rename(aside, key);
  await kept.unharmed();
});

interface Flaw {
  readonly what: string;
  readonly put: () => Promise<unknown>;
  readonly says: readonly string[];
}

const text = `${Buffer.alloc(32, 7).toString('base64')}\n`;

const flaws: readonly Flaw[] = [
  {
    what: 'everybody may read it',
    put: async () => {
      await writeFile(key, text);
      await chmod(key, 0o644);
    },
    says: ['has mode 0644, but must be 0600 or stricter', 'run: chmod 0600'],
  },
  {
    what: 'it is too short',
    put: () => writeFile(key, 'c2hvcnQ=\n', { mode: 0o600 }),
    says: ['does not hold 32 bytes as base64 on one line', 'restore the right file'],
  },
  {
    what: 'it is empty',
    put: () => writeFile(key, '', { mode: 0o600 }),
    says: ['does not hold 32 bytes', 'restore the right file'],
  },
  {
    what: 'it is a folder',
    put: () => mkdir(key, { mode: 0o700 }),
    says: ['is not a regular file (folder)', 'name a file'],
  },
  {
    what: 'it is a symbolic link',
    put: () => symlink(aside, key),
    says: ['is a symbolic link', 'name the file that it points to'],
  },
];

function toldOf({ put, says }: Flaw): void {
  beforeEach(() => put());

  it('is told by check and import', async () => {
    const told = { code: 'KEY_FILE_UNUSABLE', exitCode: 78, says: [key, ...says] } as const;
    expectFound(await site.cli(['check']), told);
    expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), told);
  });
}

describe.each(flaws)('$what', toldOf);

describeRoot('it belongs to another user', () => {
  toldOf({
    what: 'it belongs to another user',
    put: async () => {
      await writeFile(key, text, { mode: 0o600 });
      await chown(key, strangers.alice, strangers.alice);
    },
    says: ['belongs to user 12345, who could replace it', 'run: chown 0 '],
  });
});

describeRoot('a key that only its owner may read, for another user', () => {
  it('is told by check', async () => {
    const keyFile = join(site.folder, 'owned.key');
    await writeFile(keyFile, text, { mode: 0o600 });
    await site.configure({ agent: { secret: { store: 'file', key_file: keyFile } } });
    await chmod(site.folder, 0o711);
    await chmod(site.configFile, 0o644);
    const { exitCode, stdout } = await site.cli(['check'], { uid: strangers.alice, gid: strangers.alice });
    expect(exitCode).toBe(78);
    expect(stdout).toContain(`cannot read the key file ${keyFile} (EACCES); see to the permissions`);
    await chmod(site.folder, 0o700);
    await site.configure();
  });
});

it('a daemon starts without a key that it may use, says so, and goes on once it may', async () => {
  await rename(aside, key);
  await chmod(key, 0o640);
  await using daemon = site.run();
  await site.reaches({
    state: 'acquiring',
    secret: { status: 'unreachable' },
    alerts: [{ code: 'STORE_UNAVAILABLE', severity: 'critical' }],
  });
  expect(await daemon.logged('open-failed')).toMatchObject({ code: 'KEY_FILE_UNUSABLE' });
  const says = ['must be 0600 or stricter', `run: chmod 0600 ${key}`];
  expectTold(await site.cli(['refresh', site.agent]), { code: 'STORE_UNAVAILABLE', exitCode: 75, says });
  await chmod(key, 0o600);
  await site.reaches({ state: 'active', alerts: [] });
  expect(await site.token()).toBe(kept.token);
  await daemon.end();
  await rename(key, aside);
});

describe('a key that is gone, or another one', () => {
  it.each([
    ['gone', null, 'STORE_UNAVAILABLE', 75, ['the wrapping key is missing', 'bring the key back']],
    ['another', text, 'STATE_UNREADABLE', 78, ['cannot be opened with the wrapping key', 'restore the key']],
  ] as const)('%s: nothing is sealed with a new one', async (_what, content, code, exitCode, says) => {
    if (content !== null) await writeFile(key, content, { mode: 0o600 });
    expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), { code, exitCode, says });
  });
});
