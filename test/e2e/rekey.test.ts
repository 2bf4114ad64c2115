import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { eventually } from '../support/eventually.ts';
import { fileEvent } from '../support/file-event.ts';
import { Haystack } from '../support/haystack.ts';
import { Installation } from '../support/installation.ts';
import { matching } from '../support/matching.ts';
import { openedWith } from '../support/sealed-state.ts';

/** `tokenward rekey` on the built program, with agents that share the key file of the state folder. */

const agents = ['web-01', 'web-02', 'web-03'];
const others = { 'web-02': {}, 'web-03': {} };

const keyFileOf = (site: Installation) => join(site.stateDir, 'wrapping.key');
const keyOf = async (site: Installation) => (await readFile(keyFileOf(site), 'utf8')).trim();

const keyFilesOf = async (site: Installation) =>
  (await readdir(site.stateDir)).filter((name) => name.startsWith('wrapping.key'));

/** Three agents with a token of generation 1. */
async function createSite(): Promise<Installation> {
  const site = await Installation.create({ config: { agents: others } });
  for (const agent of agents) await site.provision(agent);
  site.run();
  await allAre(site, 1);
  return site;
}

async function allAre(site: Installation, generation: number): Promise<void> {
  for (const agent of agents)
    await site.reaches({ state: 'active', secret: { generation }, alerts: [] }, { agent });
}

async function expectReplaced(site: Installation, before: string): Promise<void> {
  const after = await keyOf(site);
  expect(after === before).toBe(false);
  expect(await openedWith(site.stateDir, before)).toEqual([]);
  const files = ['journal.sealed', 'secret.sealed', 'session.sealed'];
  expect(await openedWith(site.stateDir, after)).toEqual(
    agents.flatMap((agent) => files.map((file) => `agents/${agent}/${file}`)),
  );
  expect(await keyFilesOf(site)).toEqual(['wrapping.key']);
}

describe('tokenward rekey', () => {
  it('replaces the key of all who share it while the daemon serves on, and tells none of it', async () => {
    await using site = await createSite();
    const [before, token] = [await keyOf(site), await site.token()];
    const { exitCode, stdout, stderr } = await site.cli(['rekey', 'web-02']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toBe('3 agents share this key: web-01, web-02, web-03\n');
    expect(stdout.split('\n')).toEqual([
      ...agents.map((agent) => `${agent}: sealed anew: secret, journal, session`),
      'the wrapping key is replaced, and the old one is gone',
      '',
    ]);
    await expectReplaced(site, before);
    await allAre(site, 1);
    expect((await site.token()) === token).toBe(true);
    const daemon = site.daemons.at(-1);
    expect(daemon?.events('wrapping-key-replaced')).toMatchObject(
      agents.map((agent) => ({ level: 'info', agent, records: 3 })),
    );

    await daemon?.end('SIGKILL');
    site.run();
    await allAre(site, 1);
    expect(site.exchanges).toBe(3);
    for (const agent of agents) expect((await site.cli(['refresh', agent])).exitCode).toBe(0);
    await allAre(site, 2);

    const haystack = new Haystack();
    haystack.add('the output', stdout + stderr);
    for (const { output } of site.daemons) haystack.add('a log', output);
    expect(haystack.find([before, await keyOf(site), token])).toEqual([]);
  });

  it('replaces it past the daemon where none runs, and says how far it is', async () => {
    await using site = await createSite();
    await site.daemons[0]?.end('SIGTERM');
    const before = await keyOf(site);
    const { exitCode, stdout, stderr } = await site.cli(['rekey', 'web-01', '--json']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr.split('\n')).toEqual([
      '3 agents share this key: web-01, web-02, web-03',
      ...agents.map((agent) => `${agent}: sealed with the new key`),
      '',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      agent: 'web-01',
      rekeyed: agents,
      agents: agents.map((agent) => ({ agent, records: ['secret', 'journal', 'session'] })),
      status: { agent: 'web-01', secret: { status: 'held', generation: 1 } },
    });
    await expectReplaced(site, before);
    site.run();
    await allAre(site, 1);
    expect(site.exchanges).toBe(3);
  });

  it('only tells what it would do when asked so, with a daemon and without', async () => {
    await using site = await createSite();
    const before = await keyOf(site);
    for (const running of [true, false]) {
      if (!running) await site.daemons[0]?.end('SIGTERM');
      const { exitCode, stdout } = await site.cli(['rekey', 'web-03', '--dry-run']);
      expect(exitCode).toBe(0);
      expect(stdout.split('\n')).toEqual([
        ...agents.map((agent) => `${agent}: would be sealed anew: secret, journal, session`),
        '',
      ]);
    }
    expect((await keyOf(site)) === before).toBe(true);
  });

  it('changes nothing where a record does not open, and names it', async () => {
    await using site = await createSite();
    await site.daemons[0]?.end('SIGTERM');
    const before = await keyOf(site);
    const session = join(site.stateDir, 'agents', 'web-02', 'session.sealed');
    const damaged = await readFile(session);
    damaged.writeUInt8(damaged.readUInt8(60) ^ 1, 60);
    await writeFile(session, damaged);
    const refused = { exitCode: 78, stdout: '', stderr: matching('session record of web-02') };
    expect(await site.cli(['rekey', 'web-01'])).toMatchObject(refused);
    site.run();
    await site.reaches({ state: 'active' });
    expect(await site.cli(['rekey', 'web-01'])).toMatchObject(refused);
    expect((await keyOf(site)) === before).toBe(true);
    expect(await keyFilesOf(site)).toEqual(['wrapping.key']);
  });

  it.each(['with', 'without'])(
    'loses nothing of agents that the configuration does not name for a while, %s a daemon',
    async (how) => {
      await using site = await createSite();
      const before = await keyOf(site);
      await site.daemons[0]?.end('SIGTERM');
      await site.configure();
      if (how === 'with') {
        site.run();
        await site.reaches({ state: 'active' });
      }
      const { stdout } = await site.cli(['rekey', 'web-01', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ rekeyed: agents });
      await expectReplaced(site, before);
      await site.daemons.at(-1)?.end('SIGTERM');
      await site.configure({ agents: others });
      site.run();
      await allAre(site, 1);
      expect(site.exchanges).toBe(3);
    },
  );

  it('leaves alone what another key seals', async () => {
    await using site = await createSite();
    await site.daemons[0]?.end('SIGTERM');
    const elsewhere = { store: 'file', key_file: join(site.folder, 'own.key') };
    await site.configure({ agents: { 'web-04': { secret: elsewhere } } });
    await site.provision('web-04');
    const own = (await readFile(elsewhere.key_file, 'utf8')).trim();
    const sealed = await openedWith(site.stateDir, own);
    expect(sealed).not.toEqual([]);
    await site.configure();
    const { stdout } = await site.cli(['rekey', 'web-01', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ rekeyed: agents });
    expect(await openedWith(site.stateDir, own)).toEqual(sealed);
  });

  it('says what to do where the key is not its own to replace', async () => {
    await using site = await Installation.create();
    const cases = [
      [{ store: 'memory' }, 64, 'keeps its secret in memory'],
      [{ store: 'file', credential: 'seal-key' }, 78, 'systemd credential seal-key'],
      [{ store: 'file' }, 75, 'no wrapping key yet'],
    ] as const;
    for (const [secret, exitCode, text] of cases) {
      await site.configure({ agent: { secret } });
      expect(await site.cli(['rekey', 'web-01'])).toMatchObject({ exitCode, stderr: matching(text) });
    }
  });

  it('finishes past the daemon what was killed past the daemon', async () => {
    await using site = await createSite();
    await site.daemons[0]?.end('SIGTERM');
    const before = await keyOf(site);
    await site.cli(['rekey', 'web-01'], { through: killedInTheMiddle(site, 0) });
    expect(await keyFilesOf(site)).toEqual(['wrapping.key', 'wrapping.key.next']);
    const begun = (await readFile(`${keyFileOf(site)}.next`, 'utf8')).trim();
    expect((await site.cli(['rekey', 'web-03'])).exitCode).toBe(0);
    await expectReplaced(site, before);
    expect((await keyOf(site)) === begun).toBe(true);
    site.run();
    await allAre(site, 1);
    expect(site.exchanges).toBe(3);
  });

  it('loses nothing when it is killed, and the next start finishes it', async () => {
    await using site = await createSite();
    const random = new SeededRandom(20_261_122);
    let halfDone = 0;
    for (const round of Array(20).keys()) {
      const before = await keyOf(site);
      const daemon = site.daemons.at(-1);
      const afterMs = random.below(12);
      if (round % 2 === 0) {
        const begun = fileEvent(site.stateDir, 'wrapping.key.next');
        const rekeyed = site.client.rekey('web-01', false).catch(() => null);
        await Promise.race([begun, rekeyed]);
        await pause(afterMs);
        await daemon?.end('SIGKILL');
        await rekeyed;
      } else {
        await daemon?.end('SIGKILL');
        await site.cli(['rekey', 'web-01'], { through: killedInTheMiddle(site, afterMs) });
      }
      if ((await keyFilesOf(site)).length > 1) halfDone += 1;
      site.run();
      const isFinished = async () => expect(await keyFilesOf(site)).toEqual(['wrapping.key']);
      await eventually(isFinished, { withinMs: 20_000 });
      await allAre(site, 1);
      if ((await keyOf(site)) !== before) expect(await openedWith(site.stateDir, before)).toEqual([]);
    }
    expect(site.exchanges).toBe(3);
    for (const agent of agents) expect((await site.cli(['refresh', agent])).exitCode).toBe(0);
    await allAre(site, 2);
    // else nothing was tried here
    expect(halfDone).toBeGreaterThan(4);
  });
});

/** A shell that kills the program a moment after it has made the next key. */
function killedInTheMiddle(site: Installation, afterMs: number): readonly string[] {
  const isThere = `[ -e '${keyFileOf(site)}.next' ]`;
  const wait = `while kill -0 $! 2>/dev/null && ! ${isThere}; do :; done; sleep ${afterMs / 1000}`;
  return ['sh', '-c', `"$@" & ${wait}; kill -KILL $! 2>/dev/null; wait`, 'sh'];
}
