import { chmod, cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { reportArguments, takeReport } from '../support/api/curl-report.ts';
import { Installation } from '../support/installation.ts';
import { describeRoot, strangers } from '../support/root.ts';
import { runProgram } from '../support/run-program.ts';

/** Who may ask for what, decided on the kernel's word: real processes under other users ask at the socket. */

const { alice, bob, carol } = strangers;

interface Who {
  readonly uid: number;
  readonly gid?: number;
  /** Supplementary groups. */
  readonly groups?: readonly number[];
}

/** The status and code that curl gets as somebody. */
async function ask(
  site: Installation,
  { uid, gid = uid, groups = [] }: Who,
  path: string,
  ...args: string[]
) {
  const supplementary = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  const become = [`--reuid=${uid}`, `--regid=${gid}`, supplementary];
  const curl = ['curl', '-sS', '--unix-socket', site.socketPath, ...reportArguments, ...args];
  const written = await runProgram('setpriv', [...become, ...curl, `http://localhost${path}`]);
  const { answer, rest } = takeReport(written, path);
  const { status, body } = answer ?? { status: 0, body: '' };
  const { code } = (body === '' ? {} : JSON.parse(body)) as { code?: string };
  return { status, code: code ?? null, text: body + rest };
}

const token = '/v1/agents/web-01/token';
const status = '/v1/agents/web-01';
const refresh = '/v1/agents/web-01/refresh';
const granted = { status: 200, code: null };
const denied = { status: 403, code: 'PEER_DENIED' };

async function servingTo(allow: readonly object[], keys: object = {}): Promise<Installation> {
  const site = await Installation.create({ config: { socket: { mode: '0666', allow, ...keys } } });
  await chmod(site.folder, 0o711);
  await site.provision();
  const daemon = site.run();
  await daemon.started();
  await daemon.logged('state-changed', { state: 'active' });
  return site;
}

describeRoot('the socket lets in', () => {
  it('a user for the verbs of its rule only', async () => {
    await using site = await servingTo([
      { user: alice, may: ['token'] },
      { user: 'root', may: ['status'] },
    ]);
    expect(await ask(site, { uid: alice }, token)).toMatchObject(granted);
    expect(await ask(site, { uid: alice }, status)).toMatchObject(denied);
    expect(await ask(site, { uid: alice }, refresh, '-X', 'POST')).toMatchObject(denied);
    expect(await ask(site, { uid: 0 }, status)).toMatchObject(granted);
    expect(await ask(site, { uid: 0 }, token)).toMatchObject(denied);
    expect(site.exchanges).toBe(1);
  });

  it('members of a group, whether it is their first or another one', async () => {
    await using site = await servingTo([{ group: carol, may: ['token', 'status', 'admin'] }]);
    const members = [
      { uid: alice, gid: carol },
      { uid: alice, gid: alice, groups: [bob, carol] },
    ];
    for (const member of members) {
      expect(await ask(site, member, refresh, '-X', 'POST')).toMatchObject(granted);
      expect(await ask(site, member, token)).toMatchObject(granted);
      expect(await ask(site, member, status)).toMatchObject(granted);
    }
    const others = [{ uid: carol, gid: alice }, { uid: alice, groups: [bob] }, { uid: 0 }];
    for (const other of others) {
      expect(await ask(site, other, token)).toMatchObject(denied);
      expect(await ask(site, other, status)).toMatchObject(denied);
    }
  });

  it('nobody where nobody is allowed, root included, and tells them what rule is missing', async () => {
    await using site = await servingTo([]);
    for (const uid of [0, alice]) {
      const answer = await ask(site, { uid }, token);
      expect(answer).toMatchObject(denied);
      expect(answer.text).toContain(`uid ${uid}`);
      expect(answer.text).toContain('allow');
    }
    expect(await ask(site, { uid: alice }, '/v1/token')).not.toMatchObject(granted);
    expect(await ask(site, { uid: alice }, '/v1/agents')).not.toMatchObject(granted);
  });

  it('the user that a name stands for', async () => {
    await using site = await servingTo([{ user: 'daemon', may: ['token'] }]);
    const { stdout } = await runProgram('id', ['-u', 'daemon']);
    expect(await ask(site, { uid: Number(stdout) }, '/v1/token')).toMatchObject(granted);
    expect(await ask(site, { uid: alice }, '/v1/token')).not.toMatchObject(granted);
  });

  it.each([
    [{ mode: '0600' }, 0o600, 0, 0],
    [{ mode: '0660', group: alice }, 0o660, 0, alice],
    [{ mode: '0620', owner: bob }, 0o620, bob, 0],
    [{ mode: '0666', owner: bob, group: alice }, 0o666, bob, alice],
  ])('whom its mode lets in: exactly %o', async (keys, mode, uid, gid) => {
    const before = process.umask(0o027);
    await using site = await servingTo([{ group: alice, may: ['status'] }], keys);
    process.umask(before);
    const found = await stat(site.socketPath);
    expect({ mode: found.mode & 0o777, uid: found.uid, gid: found.gid }).toEqual({ mode, uid, gid });
    const reaches = (await ask(site, { uid: carol, gid: alice }, '/v1/agents')).status === 200;
    expect(reaches).toBe(gid === alice || mode === 0o666);
  });
});

describeRoot('a rule', () => {
  it('is about the agents that it names, and tells nothing of the others', async () => {
    const allow = [
      { user: alice, may: ['token', 'status', 'admin'], agents: ['web-*'] },
      { user: 0, may: ['token', 'status', 'admin'] },
    ];
    await using site = await Installation.create({
      config: { agents: { 'db-01': {} }, socket: { mode: '0666', allow } },
    });
    await chmod(site.folder, 0o711);
    await site.provision();
    await site.provision('db-01');
    site.run();
    await site.reaches({ state: 'active' });
    await site.reaches({ state: 'active' }, { agent: 'db-01' });
    expect(await ask(site, { uid: alice }, '/v1/token')).toMatchObject(granted);
    expect((await ask(site, { uid: alice }, '/v1/agents')).text).not.toContain('db-01');
    const ofOther = await ask(site, { uid: alice }, '/v1/agents/db-01/token');
    expect(ofOther).toMatchObject(denied);
    expect(ofOther.text).toContain(`{ user: ${alice}, may: [token], agents: [db-01] }`);
    const ofNone = await ask(site, { uid: alice }, '/v1/agents/db-99/token');
    expect(ofNone.text).toBe(ofOther.text.replaceAll('db-01', 'db-99'));
    // the key of both agents is one
    const rekey = ['-X', 'POST'];
    expect(await ask(site, { uid: alice }, '/v1/agents/web-01/rekey', ...rekey)).toMatchObject(denied);
    expect(await ask(site, { uid: 0 }, '/v1/agents/web-01/rekey', ...rekey)).toMatchObject(granted);
  });

  it('means whom its name stands for when the configuration was last read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-names-'));
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rm(folder, { recursive: true }));
    const table = join(folder, 'passwd');
    const nameIs = (uid: number) => writeFile(table, `tokenward-shipper:x:${uid}:${uid}::/:/bin/false\n`);
    await nameIs(alice);
    const script = `#!/bin/sh\ngrep "^$3:" ${table} || exit 2\n`;
    await writeFile(join(folder, 'getent'), script, { mode: 0o755 });
    const allow = [{ user: 'tokenward-shipper', may: ['token'] }];
    await using site = await Installation.create({
      config: { socket: { mode: '0666', allow } },
      env: { PATH: `${folder}:${process.env['PATH']}` },
    });
    await chmod(site.folder, 0o711);
    await site.provision();
    const daemon = site.run();
    await daemon.logged('state-changed', { state: 'active' });
    expect(await ask(site, { uid: alice }, token)).toMatchObject(granted);
    await nameIs(bob);
    expect(await ask(site, { uid: alice }, token)).toMatchObject(granted);
    daemon.signal('SIGHUP');
    await daemon.logged('config-unchanged', {});
    expect(await ask(site, { uid: bob }, token)).toMatchObject(granted);
    expect(await ask(site, { uid: alice }, token)).toMatchObject(denied);
  });
});

it('does not start without what asks the kernel', async () => {
  await using site = await Installation.create();
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-bare-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  await cp(dirname(inject('program')), folder, { recursive: true });
  await rm(join(folder, 'native/koffi.node'));
  const bare = join(folder, 'tokenward.js');
  const ran = await runProgram(inject('node'), [bare, 'run', '--config', site.configFile]);
  expect(ran.exitCode).toBe(78);
  expect(ran.stderr + ran.stdout).toMatch(/native part of tokenward could not be loaded/);
});
