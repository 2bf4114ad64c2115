import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { Witness } from '../../support/witness.ts';

/** Sealed records that are damaged under the running daemon. */

async function flipMiddle(path: string): Promise<void> {
  const content = await readFile(path);
  const middle = content.length >> 1;
  content[middle] = content[middle]! ^ 1;
  await writeFile(path, content);
}

const empty = (path: string) => truncate(path, 0);

describe('the record of the secret, while a daemon runs,', () => {
  it.concurrent.for([
    ['with a flipped bit', flipMiddle],
    ['emptied', empty],
  ] as const)('%s: nothing is sent; restored, a restart goes on', async ([, damage], { expect }) => {
    await using site = await Installation.create();
    const witness = await Witness.begin(site);
    const path = join(site.stateDir, 'agents', site.agent, 'secret.sealed');
    const backup = join(site.folder, 'backup');
    await copyFile(path, backup);
    await damage(path);
    const damaged = await readFile(path);
    await witness.sees({
      code: 'STATE_UNREADABLE',
      exitCode: 78,
      severity: 'critical',
      status: { state: 'blocked', token: { status: 'valid' }, secret: { status: 'blocked' } },
      says: ['cannot be opened with the wrapping key', 'restore the key or the files', 'restart the daemon'],
    });
    expect((await witness.daemon.end()).exitCode).toBe(0);
    expect((await readFile(path)).equals(damaged)).toBe(true);

    await copyFile(backup, path);
    const next = await Witness.of(site, site.run());
    expect(next.token === witness.token).toBe(true);
    expect(next.exchanges).toBe(witness.exchanges);
    await next.goesOn();
  });
});

describe('what the daemon only writes, with a flipped bit while it runs,', () => {
  it.concurrent.for(['journal.sealed', 'session.sealed'])(
    '%s: the next exchange replaces it',
    async (name) => {
      await using site = await Installation.create();
      const witness = await Witness.begin(site);
      await flipMiddle(join(site.stateDir, 'agents', site.agent, name));
      await witness.serves();
      await witness.goesOn();
      await witness.daemon.end('SIGKILL');
      await (await Witness.of(site, site.run())).goesOn();
    },
  );
});
