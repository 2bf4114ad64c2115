import { chmod, chown, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { Kept } from './kept.ts';
import { expectFound, expectTold } from './told.ts';

const alice = { uid: strangers.alice, gid: strangers.alice };
const shm = '/dev/shm';
/** statfs(2) */
const tmpfsType = 0x0102_1994;
const hasTmpfs = await statfs(shm).then(
  ({ type }) => type === tmpfsType,
  () => false, // not on this system
);

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
  await writeFile(join(site.folder, 'file'), 'somebody needs this');
});

afterAll(() => kept[Symbol.asyncDispose]());

describe('a state folder that', () => {
  it.each([
    ['has no folder to be in', 'no/state', ['no/state', 'install -d -m 0700']],
    ['is a file', 'file', ['is not a folder', 'choose another state_dir']],
    ['is below a file', 'file/state', ['is not a folder', 'choose another state_dir']],
  ])('%s', async (_what, name, found) => {
    await site.configure({ top: { state_dir: join(site.folder, name) } });
    expectFound(await site.cli(['check']), { code: 'STATE_DIR_UNUSABLE', says: found });
    const told = { code: 'STATE_DIR_UNUSABLE', exitCode: 78, says: [join(site.folder, name)] } as const;
    const advice = name.startsWith('no') ? 'install -d -m 0700' : 'choose another state_dir';
    expectTold(await site.cli(['run']), { ...told, says: [...told.says, advice] });
    expectTold(await site.cli(['import', 'web-01'], { stdin: 'another secret' }), told);
    await kept.unharmed();
  });
});

describeRoot('another user runs tokenward', () => {
  beforeAll(async () => {
    await site.configure();
    await chmod(site.folder, 0o755);
    await chmod(site.configFile, 0o644);
    await chmod(site.stateDir, 0o755);
  });

  afterAll(async () => {
    await chmod(site.folder, 0o700);
    await chmod(site.stateDir, 0o700);
  });

  it('who may not write to the state folder', async () => {
    const check = await site.cli(['check'], alice);
    expect(check.exitCode).toBe(78);
    const why = `uid ${alice.uid} may not write to it; `;
    expect(check.stdout).toContain(`state_dir: cannot write to ${site.stateDir}: ${why}`);
    const says = [site.stateDir, why, `run: sudo chown -R ${alice.uid} ${site.stateDir}`];
    const told = { code: 'STATE_DIR_UNUSABLE', exitCode: 78, says } as const;
    expectTold(await site.cli(['run'], alice), told);
    expectTold(await site.cli(['import', 'web-01'], { ...alice, stdin: 'another secret' }), told);
  });

  it('after an import by root, to whom everything below now belongs', async () => {
    const agents = join(site.stateDir, 'agents');
    for (const path of [site.stateDir, agents]) await chown(path, alice.uid, alice.gid);
    const says = ['permission denied; give the state folder, and what is in it, to the user', agents];
    const imported = await site.cli(['import', 'web-01'], { ...alice, stdin: 'another secret' });
    expectTold(imported, { code: 'STATE_DIR_UNUSABLE', exitCode: 78, says });
    for (const path of [site.stateDir, agents]) await chown(path, 0, 0);
    await kept.unharmed();
  });
});

it.runIf(hasTmpfs)('lies in memory', async () => {
  const folder = await mkdtemp(join(shm, 'tokenward-e2e-'));
  try {
    await site.configure({ top: { state_dir: folder, allow_ephemeral: false } });
    const says = [`${folder} `, 'tmpfs', 'allow_ephemeral: true'];
    expectFound(await site.cli(['check']), { code: 'STATE_DIR_EPHEMERAL', says });
    expectTold(await site.cli(['run']), { code: 'STATE_DIR_EPHEMERAL', exitCode: 78, says });
    const imported = await site.cli(['import', 'web-01'], { stdin: 'another secret' });
    expectTold(imported, { code: 'STATE_DIR_EPHEMERAL', exitCode: 78, says });
  } finally {
    await rm(folder, { recursive: true });
  }
  await kept.unharmed();
});

it('with the right folder all goes on as before', () => kept.goesOn());
