import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { Witness, type Seen } from '../../support/witness.ts';
import { filesIn } from '../bad-input/kept.ts';
import { expectAlert, expectTold } from '../bad-input/told.ts';

/** The key that everything is sealed with goes away, or becomes another one. */

const keyOf = (site: Installation) => join(site.stateDir, 'wrapping.key');
const anotherKey = () => `${randomBytes(32).toString('base64')}\n`;

const unreachable = {
  code: 'STORE_UNAVAILABLE',
  exitCode: 75,
  severity: 'warning',
  status: { state: 'degraded', token: { status: 'valid' }, secret: { status: 'unreachable' } },
} as const;

/** A new secret would have nothing to be sealed with that lasts. */
async function refusesHandOver(site: Installation): Promise<void> {
  const { exitCode, stderr } = await site.cli(['import', site.agent], { stdin: 'another secret' });
  expect([75, 78], stderr).toContain(exitCode);
  expect(stderr).toMatch(/key/);
}

interface Fault extends Seen {
  readonly what: string;
  /** null = the file is gone. */
  readonly content: () => string | null;
}

const healing: readonly Fault[] = [
  {
    what: 'gone',
    content: () => null,
    ...unreachable,
    says: ['the wrapping key is missing', 'bring it back'],
  },
  { what: 'emptied', content: () => '', ...unreachable, says: ['does not hold 32 bytes as base64'] },
  {
    what: 'half',
    content: () => 'c29tZXRoaW5n\n',
    ...unreachable,
    says: ['does not hold 32 bytes as base64'],
  },
];

describe('the key file, while a daemon runs,', () => {
  it.concurrent.for(healing)(
    '$what: nothing is sent; brought back, it heals',
    async ({ content, ...seen }) => {
      await using site = await Installation.create();
      const witness = await Witness.begin(site);
      const good = await readFile(keyOf(site));
      const text = content();
      if (text === null) await rm(keyOf(site));
      else await writeFile(keyOf(site), text);
      await refusesHandOver(site);
      await witness.sees(seen);
      await writeFile(keyOf(site), good, { mode: 0o600 });
      await witness.heals();
    },
  );

  it.concurrent('another one: nothing is sent before the right one is back and the daemon restarted', async () => {
    await using site = await Installation.create();
    const witness = await Witness.begin(site);
    const good = await readFile(keyOf(site));
    await writeFile(keyOf(site), anotherKey());
    await refusesHandOver(site);
    const told = {
      code: 'STATE_UNREADABLE',
      exitCode: 78,
      says: ['cannot be opened with the wrapping key', 'restore the key or the files'],
    } as const;
    await witness.sees({
      ...told,
      severity: 'critical',
      status: { state: 'blocked', token: { status: 'valid' }, secret: { status: 'blocked' } },
    });
    expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), told);
    await witness.serves();
    await witness.daemon.end('SIGKILL');

    await writeFile(keyOf(site), good);
    const next = await Witness.of(site, site.run());
    expect(next.token === witness.token).toBe(true);
    await next.goesOn();
  });

  it.concurrent('gone while an answer is on its way: the new secret is sealed with the key in memory', async () => {
    await using site = await Installation.create();
    const witness = await Witness.begin(site);
    const good = await readFile(keyOf(site));
    const refresh = await witness.slowRefresh();
    await rm(keyOf(site));
    expect(await refresh.ended).toMatchObject({ exitCode: 0 });
    await site.reaches({ token: { sequence: 2 }, secret: { generation: 2 } });
    await writeFile(keyOf(site), good, { mode: 0o600 });
    await witness.daemon.end('SIGKILL');
    await (await Witness.of(site, site.run())).goesOn();
  });
});

describe('the key file, before a start,', () => {
  it.concurrent('gone: nothing is served, made or sent; brought back, it heals', async () => {
    await using site = await Installation.create();
    const witness = await Witness.begin(site);
    await witness.daemon.end('SIGKILL');
    const aside = join(site.folder, 'aside');
    await rename(keyOf(site), aside);
    const before = await filesIn(site.stateDir);

    const daemon = site.run();
    const says = ['the wrapping key is missing', 'bring the key back', 'never make a new one over it'];
    const status = await site.reaches({
      state: 'acquiring',
      token: { status: 'none' },
      secret: { status: 'unreachable' },
    });
    expectAlert(status, { code: 'STORE_UNAVAILABLE', severity: 'critical', says });
    await daemon.logged('alert-firing', { code: 'STORE_UNAVAILABLE' });
    expectTold(await site.cli(['refresh', site.agent]), { code: 'STORE_UNAVAILABLE', exitCode: 75, says });
    expect((await site.ask('/v1/token')).status).toBe(503);
    expect(await site.cli(['import', site.agent], { stdin: 'another secret' })).toMatchObject({
      exitCode: 75,
    });
    expect(await filesIn(site.stateDir)).toEqual(before);
    // it may still be good, and nobody can tell
    expect((await site.readTokenFile()) === witness.token).toBe(true);
    expect(site.exchanges).toBe(witness.exchanges);

    await rename(aside, keyOf(site));
    const next = await Witness.of(site, daemon);
    expect(next.token === witness.token).toBe(true);
    await next.goesOn();
  });

  it.concurrent('another one: nothing is served, overwritten or sent', async () => {
    await using site = await Installation.create();
    const witness = await Witness.begin(site);
    await witness.daemon.end('SIGKILL');
    const good = await readFile(keyOf(site));
    await writeFile(keyOf(site), anotherKey());
    const before = await filesIn(site.stateDir);

    const daemon = site.run();
    const told = {
      code: 'STATE_UNREADABLE',
      exitCode: 78,
      says: ['cannot be opened with the wrapping key', 'restore the key or the files'],
    } as const;
    const status = await site.reaches({
      state: 'blocked',
      token: { status: 'none' },
      secret: { status: 'blocked' },
    });
    expectAlert(status, { ...told, severity: 'critical' });
    expectTold(await site.cli(['refresh', site.agent]), told);
    expectTold(await site.cli(['import', site.agent], { stdin: 'another secret' }), told);
    expectTold(await site.cli(['token', site.agent]), { ...told, says: [] });
    await daemon.end();
    expect(await filesIn(site.stateDir)).toEqual(before);
    expect(site.exchanges).toBe(witness.exchanges);

    await writeFile(keyOf(site), good);
    const next = await Witness.of(site, site.run());
    expect(next.token === witness.token).toBe(true);
    await next.goesOn();
  });
});
