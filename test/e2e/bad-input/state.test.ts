import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../../src/emulator/start-emulator.ts';
import type { Installation } from '../../support/installation.ts';
import { filesIn, Kept } from './kept.ts';
import { authority, serverLeaf } from './obstructions.ts';
import { expectAlert, expectTold, type Told } from './told.ts';

/** State that cannot be trusted: nothing is exchanged and nothing overwritten before a person has decided. */

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  // what a state folder is bound to is then an id in it, on every host
  kept = await Kept.create({ env: { container: 'tests' } });
  ({ site } = kept);
});

afterAll(() => kept[Symbol.asyncDispose]());

interface Blocked extends Told {
  /** Whether a new secret is taken all the same. */
  readonly takesSecret: boolean;
  readonly token: 'served' | 'none';
}

/** A daemon that runs on the state as it is now says so, serves what token it has, and asks no server for anything. */
async function expectBlocked({ takesSecret, token, ...told }: Blocked): Promise<void> {
  const [before, { exchanges }] = [await filesIn(site.stateDir), site];
  if (!takesSecret) expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), told);
  await using daemon = site.run();
  const status = await site.reaches({ state: 'blocked', secret: { status: 'blocked' } });
  expectAlert(status, { ...told, severity: 'critical' });
  expectTold(await site.cli(['refresh', site.agent]), told);
  if (token === 'served') expect(await site.token()).toBe(kept.token);
  else expectTold(await site.cli(['token', site.agent]), { ...told, says: [] });
  if (!takesSecret) expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), told);
  await daemon.end();
  expect(await filesIn(site.stateDir)).toEqual(before);
  expect(await site.readTokenFile()).toBe(kept.token);
  expect(site.exchanges).toBe(exchanges);
}

/** Runs `work` with another content of a file. */
async function withFile(name: string, change: (content: Buffer) => Buffer, work: () => Promise<void>) {
  const path = join(site.stateDir, name);
  const content = await readFile(path);
  await writeFile(path, change(content));
  try {
    await work();
  } finally {
    await writeFile(path, content);
  }
  await kept.unharmed();
}

function flipped(content: Buffer): Buffer {
  const copy = Buffer.from(content);
  const middle = copy.length >> 1;
  copy[middle] = copy[middle]! ^ 1;
  return copy;
}

const anotherId = () => Buffer.from('00000000-0000-4000-8000-000000000000\n');

describe('one bit flipped', () => {
  it.each([
    ['journal.sealed', 'served'],
    ['secret.sealed', 'served'],
    ['session.sealed', 'none'],
  ] as const)('in %s', async (name, token) => {
    const says = ['cannot be opened with the wrapping key', 'restore the key or the files from a backup'];
    await withFile(join('agents', site.agent, name), flipped, () =>
      expectBlocked({ code: 'STATE_UNREADABLE', exitCode: 78, says, takesSecret: false, token }),
    );
  });
});

describe('a journal that is gone', () => {
  it('leaves a secret that nobody knows about', async () => {
    const journal = join(site.stateDir, 'agents', site.agent, 'journal.sealed');
    await rename(journal, `${journal}.aside`);
    const says = ['that another state folder wrote', 'bring back the state folder'];
    const token = 'served';
    await expectBlocked({ code: 'STORE_MISMATCH', exitCode: 78, says, takesSecret: false, token });
    await rename(`${journal}.aside`, journal);
    await kept.unharmed();
  });
});

describe('a copy', () => {
  it('on another volume', async () => {
    const says = ['another machine or volume', 'lock each other out', 'tokenward enroll web-01'];
    await withFile('volume-id', anotherId, () =>
      expectBlocked({ code: 'STATE_CLONED', exitCode: 78, says, takesSecret: true, token: 'served' }),
    );
  });

  it('whose volume has no readable id', async () => {
    const says = ['does not hold the id of this volume', 'restore the file'];
    await withFile(
      'volume-id',
      () => Buffer.from('hello\n'),
      async () => {
        const ran = await site.cli(['import', site.agent], { stdin: 'another secret' });
        expectTold(ran, { code: 'STATE_DIR_UNUSABLE', exitCode: 78, says });
      },
    );
  });
});

describe('another server in url', () => {
  let other: Emulator;

  beforeAll(async () => {
    other = await startEmulator({ adminToken: 'nobody', tls: serverLeaf() });
    await writeFile(join(site.folder, 'other.pem'), authority.cert);
  });

  afterAll(() => other.close());

  const moved = () =>
    site.configure({ agent: { url: other.url, tls: { ca_file: join(site.folder, 'other.pem') } } });

  it('is sent nothing', async () => {
    await moved();
    const says = [`belongs to ${site.emulator.url}, but url now names ${other.url}`, 'set url back'];
    await expectBlocked({ code: 'SERVER_CHANGED', exitCode: 78, says, takesSecret: true, token: 'served' });
    expect(other.state().requests).toEqual({});
    await kept.unharmed();
  });

  it('and everything back: all goes on as before', () => kept.goesOn());

  it('takes a secret of its own, as advised', async () => {
    await moved();
    await using daemon = site.run();
    await site.reaches({ state: 'blocked', alerts: [{ code: 'SERVER_CHANGED' }] });
    const ran = await site.cli(['import', site.agent], { stdin: other.createSecret(site.agent) });
    expect(ran.exitCode, ran.stderr).toBe(0);
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    expect(other.state().exchanges).toMatchObject({ total: 1, granted: 1 });
    await daemon.end();
  });
});

it('where there is no backup, the agent can be enrolled again, as advised', async () => {
  await site.configure();
  const folder = join(site.stateDir, 'agents', site.agent);
  await rename(folder, join(site.folder, 'agent.aside'));
  const args = ['enroll', site.agent, '--name', 'another', '--admin-token-file', site.adminTokenFile];
  expect((await site.cli(args)).exitCode).toBe(0);
  await using daemon = site.run();
  await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
  await daemon.end();
});
