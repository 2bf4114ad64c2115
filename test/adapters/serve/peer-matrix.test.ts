import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, it } from 'vitest';
import { loadNative } from '../../../src/platform/native.ts';
import type { AllowRule } from '../../../src/serve/access.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import type { ChangingClient } from './fixtures/changing-client.ts';
import { Serving } from './serving.ts';

/**
 * The table of docs/peers.md: whoever asks, the verdict goes by the uid and the groups at the moment of connecting. Each client is a
 * process of its own.
 */

const { alice, bob, carol } = strangers;
const run = promisify(execFile);

const token = '/v1/agents/web-01/token';
const request = `GET ${token} HTTP/1.1\r\nHost: x\r\nX-Any: 1\r\n\r\n`;

/** alice may; carol's group may; no stranger may, whatever a rule says. */
const allow: readonly AllowRule[] = [
  { user: alice, may: ['token'] },
  { group: carol, may: ['token'] },
  { user: 65_534, may: ['token'] },
  { group: 65_534, may: ['token'] },
];

const become = (uid: number, ...groups: readonly number[]) => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${uid}`,
  groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
];

let daemon: Serving;
beforeEach(() => {
  daemon = new Serving();
  chmodSync(daemon.folder, 0o755);
  daemon.agent().publish('abc');
  return () => daemon[Symbol.asyncDispose]();
});

/** The status that curl is answered which runs behind these words. */
async function statusBehind(words: readonly string[]): Promise<number> {
  const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--unix-socket', daemon.path];
  const [program, ...args] = [...words, ...curl, `http://localhost${token}`];
  return Number((await run(program ?? 'curl', args)).stdout);
}

async function statusOf(client: Omit<ChangingClient, 'path' | 'request'>): Promise<number> {
  const script = join(import.meta.dirname, 'fixtures/changing-client.ts');
  const { stdout } = await run(process.execPath, [
    script,
    JSON.stringify({ ...client, path: daemon.path, request }),
  ]);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(stdout)?.[1]);
}

describeRoot('the verdict about a peer', () => {
  it.each<[string, readonly string[], number]>([
    ['a user that a rule names', become(alice), 200],
    ['another user', become(bob), 403],
    ['root, whom no rule names', [], 403],
    ['a member of a group that a rule names, by a supplementary group', become(bob, 7, carol), 200],
    ['a member of other groups', become(bob, 7), 403],
    ['65534, though a rule names it', become(65_534), 403],
    ['a user in a pid namespace of its own', ['unshare', '--pid', '--fork', ...become(alice)], 200],
    ['another user there', ['unshare', '--pid', '--fork', ...become(bob)], 403],
    ['root of a user namespace that alice made', [...become(alice), 'unshare', '-Ur'], 200],
    ['root of a user namespace that bob made', [...become(bob), 'unshare', '-Ur'], 403],
  ])('%s: %o is answered %d', async (_who, words, status) => {
    // that no root of another namespace passes for this host's shows where only root is named
    await daemon.listen({ allow, mode: 0o666 });
    expect(await statusBehind(words)).toBe(status);
  });

  it('does not take the root of a user namespace for root', async () => {
    await daemon.listen({ allow: [{ user: 0, may: ['token'] }], mode: 0o666 });
    expect(await statusBehind([...become(bob), 'unshare', '-Ur'])).toBe(403);
    expect(await statusBehind([])).toBe(200);
  });

  it.each<[string, Omit<ChangingClient, 'path' | 'request'>, number]>([
    ['alice, who becomes bob', { connectAs: alice, askAs: bob }, 200],
    ['bob, who becomes alice', { connectAs: bob, askAs: alice }, 403],
    ['alice, who is dead when somebody asks on her connection', { connectAs: alice, askAs: 'heir' }, 200],
    ['bob, who is dead', { connectAs: bob, askAs: 'heir' }, 403],
  ])('goes by who has connected: %s', async (_who, client, status) => {
    await daemon.listen({ allow, mode: 0o666 });
    expect(await statusOf(client)).toBe(status);
  });

  it('needs no pid that our namespace has', async () => {
    const native = await loadNative();
    const listener = await daemon.listen({ allow, mode: 0o666 });
    const peerCredentials = (fd: number) => ({ ...native.peerCredentials(fd), pid: 0 });
    const limits = { connections: 0, requestsPerSecond: 0 };
    listener.update({ allow, limits, peerLookup: { ...native, peerCredentials } });
    expect(await statusBehind(become(alice))).toBe(200);
    expect(await statusBehind(become(bob))).toBe(403);
    expect(daemon.log.lines.at(-1)?.fields).toMatchObject({ uid: bob, pid: 0, executable: null });
  });
});

describeRoot('what a line of the log says of a peer', () => {
  it('is the program that it runs now', async () => {
    await daemon.listen({ allow, mode: 0o666 });
    await statusBehind(become(bob));
    expect(daemon.log.lines.at(-1)).toMatchObject({
      event: 'peer-denied',
      fields: { uid: bob, executable: expect.stringMatching(/\/curl$/) as string, agent: 'web-01' },
    });
  });

  it.each<[string, () => number | null]>([
    ['where the kernel has no SO_PEERPIDFD', () => null],
    [
      'where it fails',
      () => {
        throw new Error('not now');
      },
    ],
  ])('is no program that may be another one: %s', async (_when, peerPidfd) => {
    const native = await loadNative();
    await daemon.listen({ allow, mode: 0o666, peerLookup: { ...native, peerPidfd } });
    await statusBehind(become(bob));
    expect(daemon.log.lines.at(-1)?.fields).toMatchObject({ uid: bob, executable: null });
  });
});
