import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Installation } from '../support/installation.ts';
import { matching } from '../support/matching.ts';

/** What is done by the built daemon when a new token is in place. */

/** A program for `exec`; `$1` is the folder of the installation. */
async function script(site: Installation, name: string, text: string): Promise<readonly string[]> {
  const path = join(site.folder, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return [path, site.folder];
}

const linesOf = (site: Installation, name: string): readonly string[] =>
  readFileSync(join(site.folder, name), { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1);

/** The hooks that are known to have succeeded for the token that is served. */
async function doneFor(site: Installation): Promise<readonly string[]> {
  const { token } = await site.client.status(site.agent);
  const file = join(site.stateDir, 'agents', site.agent, 'hooks.json');
  const known = JSON.parse(readFileSync(file, 'utf8')) as { fingerprint: string; done: readonly string[] };
  return known.fingerprint === token.fingerprint ? known.done : [];
}

/** A shipper that reads its token file when it gets SIGHUP, and its pid file. */
async function shipper(site: Installation) {
  const program = `const { readFileSync, writeFileSync } = require('node:fs');
    process.on('SIGHUP', () => console.log(readFileSync(${JSON.stringify(site.tokenFile)}, 'utf8').length));
    writeFileSync(${JSON.stringify(join(site.folder, 'shipper.pid'))}, process.pid + '\\n');
    setInterval(() => {}, 1000);
    console.log('ready');`;
  const child = spawn(process.execPath, ['-e', program]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child.stdout, 'data');
  return { said: () => text.split('\n').slice(1, -1), [Symbol.dispose]: () => child.kill('SIGKILL') };
}

it('hooks find the new token in its file, once for each token, also over restarts', async () => {
  await using site = await Installation.create();
  using vector = await shipper(site);
  const note = await script(site, 'note', 'cksum < "$TOKENWARD_FILES" >> "$1/seen"');
  const hooks = [{ exec: note }, { signal: 'HUP', pid_file: join(site.folder, 'shipper.pid') }];
  await site.configure({ agent: { hooks } });
  await site.provision();
  const first = site.run();
  await first.logged('hook-succeeded', { hook: 'signal HUP ' + join(site.folder, 'shipper.pid') });
  expect(linesOf(site, 'seen')).toHaveLength(1);
  expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
  await eventually(() => expect(vector.said()).toHaveLength(2));
  const seen = linesOf(site, 'seen');
  expect(new Set(seen).size).toBe(2);
  const { length } = await site.token();
  expect(vector.said()).toEqual([`${length}`, `${length}`]);
  await eventually(async () => expect(await doneFor(site)).toHaveLength(2));
  await first.end('SIGKILL');

  const second = site.run();
  await second.logged('hooks-done-before', { sequence: 2 });
  await second.end();
  expect([linesOf(site, 'seen'), vector.said().length]).toEqual([seen, 2]);
});

it('a hook that hangs holds up neither file nor socket nor the end, and is run again by the next life', async () => {
  await using site = await Installation.create();
  const hang = await script(site, 'hang', 'echo $$ >> "$1/hung"; [ -e "$1/well" ] || exec sleep 600');
  await site.configure({ agent: { hooks: [{ exec: hang, timeout: '5m' }] } });
  await site.provision();
  const first = site.run();
  await eventually(() => expect(linesOf(site, 'hung')).toHaveLength(1));
  for (let refreshes = 0; refreshes < 3; refreshes += 1) {
    expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
    await site.tokenFileHolds(await site.token());
  }
  expect(linesOf(site, 'hung')).toHaveLength(1);
  const from = performance.now();
  expect(await first.end()).toMatchObject({ exitCode: 0 });
  expect(performance.now() - from).toBeLessThan(10_000);
  const hung = Number(linesOf(site, 'hung')[0]);
  await eventually(() => expect(() => process.kill(hung, 0)).toThrow('ESRCH'));

  await writeFile(join(site.folder, 'well'), '');
  const second = site.run();
  await second.logged('hook-succeeded', { sequence: 4 });
  expect([linesOf(site, 'hung').length, site.exchanges]).toEqual([2, 4]);
});

it('one that keeps failing is an alert, which ends when a reload puts another one in its place', async () => {
  await using site = await Installation.create();
  const fails = await script(site, 'fails', 'cat "$TOKENWARD_FILES" >&2; exit 3');
  await site.configure({ agent: { hooks: [{ exec: fails }] } });
  await site.provision();
  const daemon = site.run();
  await site.reaches({ state: 'active' });
  // each new token is another try, without a pause
  while (daemon.events('hook-failed').length < 8)
    expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
  const { alerts } = await site.reaches({
    state: 'active',
    alerts: [{ code: 'HOOK_FAILED', severity: 'warning', summary: matching(/ended with 3/) }],
  });
  const token = await site.token();
  expect([JSON.stringify(alerts), daemon.output].some((text) => text.includes(token))).toBe(false);

  const note = await script(site, 'note', 'echo "$TOKENWARD_AGENT $TOKENWARD_SEQUENCE" >> "$1/seen"');
  await site.configure({ agent: { hooks: [{ exec: note }] } });
  await site.reaches({ state: 'active', alerts: [] });
  const { token: newest } = await site.client.status(site.agent);
  const told = `web-01 ${newest.sequence}`;
  await eventually(() => expect(linesOf(site, 'seen')).toEqual([told]));
  // one that only changes its dress has no reason to run
  await site.configure({ agent: { hooks: [{ exec: note, timeout: '20s' }] } });
  await eventually(() => expect(daemon.events('config-reloaded')).toHaveLength(2));
  expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
  await eventually(() => expect(linesOf(site, 'seen')).toEqual([told, `web-01 ${newest.sequence + 1}`]));
});
