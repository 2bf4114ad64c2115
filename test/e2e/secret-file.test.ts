import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Installation } from '../support/installation.ts';
import { matching } from '../support/matching.ts';

/** Secrets that are dropped into a file while the built daemon runs. */

const fileIn = (site: Installation) => join(site.folder, 'dropped');

/** Puts a secret that the server has just created into the file, as a whole. */
async function drop(site: Installation, name: string): Promise<string> {
  const secret = site.emulator.createSecret(name);
  await writeFile(`${fileIn(site)}.new`, `${secret}\n`, { mode: 0o600 });
  await rename(`${fileIn(site)}.new`, fileIn(site));
  return secret;
}

it('a secret in the file becomes a fresh token within two seconds, and stays in the file', async () => {
  await using site = await Installation.create();
  await site.configure({ agent: { secret_file: fileIn(site) } });
  const first = await drop(site, 'first');
  const daemon = site.run();
  await site.reaches({ state: 'active', secret: { generation: 1 } });
  const token = await site.token();

  const from = performance.now();
  const second = await drop(site, 'second');
  await site.reaches({ state: 'active', secret: { generation: 2 } });
  expect(performance.now() - from).toBeLessThan(2_000);
  const fresh = await site.token();
  expect(fresh === token).toBe(false);
  await site.tokenFileHolds(fresh);

  expect((await readFile(fileIn(site), 'utf8')) === `${second}\n`).toBe(true);
  const { exitCode, stdout } = await daemon.end();
  expect(exitCode).toBe(0);
  expect([first, second].some((secret) => stdout.includes(secret))).toBe(false);
  expect(site.exchanges).toBe(2);
});

it('a reload may name another file, what cannot be used is told, and a standby waits until it is the holder', async () => {
  await using site = await Installation.create();
  const holder = site.run();
  await holder.started();
  await writeFile(fileIn(site), 'two\nlines\n', { mode: 0o600 });
  await site.configure({ agent: { secret_file: fileIn(site) } });
  const alert = { code: 'SECRET_FILE_UNUSABLE', severity: 'warning', summary: matching(/has a line break/) };
  await site.reaches({
    state: 'unprovisioned',
    alerts: expect.arrayContaining([expect.objectContaining(alert)]) as unknown,
  });
  await drop(site, 'first');
  await site.reaches({ state: 'active', alerts: [], secret: { generation: 1 } });

  const standby = site.run();
  await standby.logged('standby', { holder_pid: holder.pid });
  await holder.end('SIGKILL');
  await drop(site, 'second');
  await standby.started();
  await site.reaches({ state: 'active', secret: { generation: 2 } });
  expect(standby.events('secret-file-adopted')).toHaveLength(1);
});

it('a restart takes up nothing that was adopted before, and what was dropped meanwhile at once', async () => {
  await using site = await Installation.create();
  await site.configure({ agent: { secret_file: fileIn(site) } });
  await drop(site, 'first');
  site.run();
  await site.reaches({ state: 'active', secret: { generation: 1 } });
  // the secret that is in the file is spent by now
  expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
  await site.daemons[0]!.end('SIGKILL');

  const second = site.run();
  await second.logged('secret-file-known', { path: fileIn(site) });
  await site.reaches({ state: 'active', alerts: [], secret: { generation: 2 } });
  expect(site.exchanges).toBe(2);
  await second.end();

  await drop(site, 'second');
  const third = site.run();
  await third.logged('secret-file-adopted', { path: fileIn(site) });
  await site.reaches({ state: 'active', alerts: [], secret: { generation: 3 } });
  expect(site.exchanges).toBe(3);
  expect(site.emulator.state().exchanges.refused).toBe(0);
});
