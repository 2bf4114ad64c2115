import { existsSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { describeRoot } from '../../support/root.ts';
import { Mounts } from './mounts.ts';
import { expectAlert, expectTold } from './told.ts';

/** Every folder of this host below another root, which has no mark of a container; and a machine id. */
const otherMachine = `
for path in /*; do
  if [ -L "$path" ]; then cp -P "$path" "$1$path"
  elif [ -d "$path" ]; then mkdir "$1$path"; mount --rbind "$path" "$1$path"; fi
done
echo "$2" > "$1/machine-id"
mount --bind "$1/machine-id" "$1/etc/machine-id"`;

interface Machine extends AsyncDisposable {
  readonly mounts: Mounts;
}

async function machine(id: string): Promise<Machine> {
  const root = await mkdtemp(join(tmpdir(), 'tokenward-machine-'));
  const mounts = await Mounts.create(otherMachine, [root, id.repeat(32)], root);
  return {
    mounts,
    async [Symbol.asyncDispose]() {
      await mounts[Symbol.asyncDispose]();
      // no recursive removal: what a mount should ever be left on would go with it
      for (const name of await readdir(root)) {
        const path = join(root, name);
        await ((await lstat(path)).isDirectory() ? rmdir(path) : unlink(path));
      }
      await rmdir(root);
    },
  };
}

const title = 'a state folder on another machine than the one that wrote it';
const hasId = existsSync('/etc/machine-id');

(hasId ? describeRoot : describe.skip)(title, () => {
  it('is noticed, costs nothing, and can be given a secret of its own', async () => {
    await using site = await Installation.create();
    await using first = await machine('a');
    await using second = await machine('b');
    const stop = first.mounts.run(site);
    await site.reaches({ state: 'unprovisioned' });
    await site.provision();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    await stop();

    const stopCopy = second.mounts.run(site);
    const says = ['another machine', 'lock each other out', 'tokenward enroll web-01'];
    const told = { code: 'STATE_CLONED', exitCode: 78, says } as const;
    const status = await site.reaches({ state: 'blocked', token: { status: 'valid' } });
    expectAlert(status, { ...told, severity: 'critical' });
    expectTold(await site.cli(['refresh', site.agent]), told);
    expect(await site.token()).toBe(token);
    expect(site.exchanges).toBe(1);
    await stopCopy();

    const stopAgain = first.mounts.run(site);
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
    await stopAgain();

    second.mounts.run(site);
    await site.reaches({ state: 'blocked' });
    const args = ['--admin-token-file', site.adminTokenFile, '--name', 'web-01-copy'];
    expect((await site.cli(['enroll', site.agent, ...args])).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    expect(site.emulator.state().exchanges).toMatchObject({ granted: 2, refused: 0 });
  });
});
