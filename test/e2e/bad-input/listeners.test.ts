import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendOverSocket } from '../../../src/client/socket-request.ts';
import { unwatchedHeader } from '../../support/api/http-watch.ts';
import type { ConfigOverrides, Installation } from '../../support/installation.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { Kept } from './kept.ts';
import { expectFound, expectTold, type Told } from './told.ts';

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
});

afterAll(() => kept[Symbol.asyncDispose]());

/** The daemon does not start, says why, and leaves everything as it was; its own socket too is gone. */
async function expectNoStart(overrides: ConfigOverrides, told: Told): Promise<void> {
  await site.configure(overrides);
  expectTold(await site.cli(['run']), told);
  await expect(stat(site.socketPath)).rejects.toThrow('ENOENT');
  await kept.unharmed();
}

async function listening(server: Server, where: string | number): Promise<Server> {
  server.listen(where);
  await once(server, 'listening');
  return server;
}

describe('a socket', () => {
  const precious = 'somebody needs this';

  beforeAll(async () => {
    await writeFile(join(site.folder, 'file'), precious);
    await mkdir(join(site.folder, 'folder'));
  });

  it.each([
    ['whose folder is missing', 'no/daemon.sock', ['install -d -m 0755']],
    ['whose folder is a file', 'file/daemon.sock', ['is not a folder', 'choose another path']],
    ['where a file is', 'file', ['exists and is not a socket', 'move it away']],
    ['where a folder is', 'folder', ['exists and is not a socket', 'move it away']],
  ])('%s', async (_what, name, says) => {
    const unix = join(site.folder, name);
    const told = { code: 'SOCKET_UNUSABLE', exitCode: 78, says } as const;
    await expectNoStart({ socket: { unix } }, { ...told, says: [...says, unix] });
    expectFound(await site.cli(['check']), told);
    expect(await readFile(join(site.folder, 'file'), 'utf8')).toBe(precious);
  });

  it('where another program answers, which goes on answering', async () => {
    const unix = join(site.folder, 'answered.sock');
    await using other = await listening(
      createServer((_request, response) => response.setHeader(unwatchedHeader, '').end('I am here')),
      unix,
    );
    const says = [unix, `ss -xlp src ${unix}`, 'stop it, or choose another path'];
    await expectNoStart({ socket: { unix } }, { code: 'SOCKET_IN_USE', exitCode: 75, says });
    const request = { method: 'GET', path: '/', body: null, timeoutMs: 10_000 } as const;
    expect(await sendOverSocket(unix, request)).toEqual({ status: 200, body: 'I am here' });
    expect(other.listening).toBe(true);
  });

  it('that a killed daemon left is replaced', async () => {
    await site.configure();
    const killed = site.run();
    await killed.started();
    await killed.end('SIGKILL');
    const { ino } = await stat(site.socketPath);
    const says = ['nobody listens on the socket', 'tokenward run'];
    expectTold(await site.cli(['status']), { code: 'DAEMON_NOT_RUNNING', exitCode: 69, says });
    const daemon = site.run();
    await daemon.started();
    expect((await stat(site.socketPath)).ino).not.toBe(ino);
    expect(await site.token()).toBe(kept.token);
    await daemon.end();
    await kept.unharmed();
  });

  it.each([
    ['a user', { allow: [{ user: 'nobody-knows-me', may: ['token'] }] }, 'allow[0].user'],
    ['a group', { allow: [{ group: 'nobody-knows-me', may: ['token'] }] }, 'allow[0].group'],
    ['an owner', { owner: 'nobody-knows-me' }, 'owner'],
  ])('with %s that is not known', async (_what, socket, key) => {
    const says = ['"nobody-knows-me" on this host', 'correct it, or run: '];
    await expectNoStart({ socket }, { code: 'CONFIG_INVALID', exitCode: 78, says });
    expectFound(await site.cli(['check']), {
      code: 'CONFIG_INVALID',
      says: [`listeners[0].${key}: `, ...says],
    });
  });
});

describeRoot('a socket of another user', () => {
  const alice = { uid: strangers.alice, gid: strangers.alice };

  beforeAll(async () => {
    const state = join(site.folder, 'of-alice');
    await mkdir(state);
    await chown(state, alice.uid, alice.gid);
    await site.configure({ top: { state_dir: state }, agent: { files: [] } });
    await chmod(site.folder, 0o755);
    await chmod(site.configFile, 0o644);
  });

  afterAll(() => chmod(site.folder, 0o700));

  it('in whose folder none can be made', async () => {
    const says = [
      site.socketPath,
      `uid ${alice.uid} may not write to it`,
      `run: sudo chown ${alice.uid} ${site.folder}`,
    ];
    expectTold(await site.cli(['run'], alice), { code: 'SOCKET_UNUSABLE', exitCode: 78, says });
  });

  it('who was killed', async () => {
    await site.configure();
    await chmod(site.configFile, 0o644);
    const killed = site.run();
    await killed.started();
    await killed.end('SIGKILL');
    await site.configure({ top: { state_dir: join(site.folder, 'of-alice') }, agent: { files: [] } });
    await chmod(site.configFile, 0o644);
    const says = [site.socketPath, 'cannot be asked', 'remove it if nobody listens there'];
    expectTold(await site.cli(['run'], alice), { code: 'SOCKET_UNUSABLE', exitCode: 78, says });
  });
});

describe('a TCP address', () => {
  it('where another program listens', async () => {
    await using other = await listening(createServer(), 0);
    const { port } = other.address() as AddressInfo;
    const listeners = [{ tcp: `0.0.0.0:${port}`, serves: ['health'] }];
    const says = [`0.0.0.0:${port}`, 'stop it, or choose another port'];
    await expectNoStart({ listeners }, { code: 'ADDRESS_IN_USE', exitCode: 75, says });
  });

  it('that this host does not have', async () => {
    const listeners = [{ tcp: '192.0.2.1:9464', serves: ['health'] }];
    const says = ['no address 192.0.2.1', 'choose one that `ip addr` shows'];
    await expectNoStart({ listeners }, { code: 'SOCKET_UNUSABLE', exitCode: 78, says });
  });
});

it('with the right places all goes on as before', () => kept.goesOn());
