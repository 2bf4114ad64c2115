import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { howToMake } from '../../../src/platform/folder-advice.ts';
import { bindUnixSocket } from '../../../src/serve/bind-unix-socket.ts';
import { ask, Serving } from './serving.ts';

const isRoot = process.geteuid?.() === 0;
const nothingToProve = () => Promise.resolve();
const permissions = (path: string) => lstatSync(path).mode & 0o7777;

/** A socket at which nobody answers, as a killed process leaves it. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer();
  await once(server.listen(`${path}.alive`), 'listening');
  // Closing removes the path that was bound; this one it does not know.
  renameSync(`${path}.alive`, path);
  server.close();
  await once(server, 'close');
}

describe('the socket', () => {
  it.each([
    ['600', '000'],
    ['660', '077'],
    ['666', '022'],
    ['222', '777'],
  ])('has exactly the mode that it should, whatever the umask: %s under %s', async (octal, umask) => {
    const mode = Number.parseInt(octal, 8);
    await using serving = new Serving();
    const before = process.umask(umask);
    try {
      await serving.listen({ mode });
    } finally {
      process.umask(before);
    }
    expect(permissions(serving.path)).toBe(mode);
  });

  it.skipIf(!isRoot).each([
    ['the owner alone', { user: 41_001 }, { uid: 41_001, gid: 0 }],
    ['the group alone', { group: 42_001 }, { uid: 0, gid: 42_001 }],
    ['both', { user: 41_001, group: 42_001 }, { uid: 41_001, gid: 42_001 }],
    ['neither', {}, { uid: 0, gid: 0 }],
  ])('belongs to whom it should: %s', async (_case, place, owners) => {
    await using serving = new Serving();
    await serving.listen({ mode: 0o660, ...place });
    expect(statSync(serving.path)).toMatchObject(owners);
    expect(permissions(serving.path)).toBe(0o660);
  });

  it('cannot be reached before it is ready', async () => {
    await using serving = new Serving();
    const { folder, path } = serving;
    const seen: unknown[] = [];
    const lookAround = () => {
      const [hidden = ''] = readdirSync(folder);
      seen.push({
        names: readdirSync(folder).length,
        mode: permissions(join(folder, hidden)),
        there: existsSync(path),
      });
    };
    const server = createServer().on('listening', lookAround);
    const bound = await bindUnixSocket(server, { path, mode: 0o666, user: null, group: null }, () => {
      lookAround();
      return nothingToProve();
    });
    const closed = { names: 1, mode: 0o700, there: false };
    expect(seen).toEqual([closed, closed]);
    expect(readdirSync(folder)).toEqual(['tokenward.sock']);
    await bound.unbind();
    server.close();
  });

  it('may have a path of 107 bytes', async () => {
    await using serving = new Serving();
    const path = join(serving.folder, 'x'.repeat(107 - serving.folder.length - 1));
    await serving.listen({ path });
    expect(Buffer.byteLength(path)).toBe(107);
    expect(await ask({ socketPath: path }, '/healthz')).toMatchObject({ status: 200 });
  });

  it('goes when its listener closes', async () => {
    await using serving = new Serving();
    const listener = await serving.listen();
    await serving.cutOff(listener.close(0));
    expect(readdirSync(serving.folder)).toEqual([]);
  });

  it('stays where another one has taken its place', async () => {
    await using serving = new Serving();
    const first = await serving.listen();
    renameSync(serving.path, `${serving.path}.old`);
    await serving.listen();
    await serving.cutOff(first.close(0));
    expect(await serving.ask('/healthz')).toMatchObject({ status: 200 });
  });
});

describe('what is at the path already', () => {
  it('is replaced where it is a socket at which nobody answers', async () => {
    await using serving = new Serving();
    await leaveDeadSocket(serving.path);
    await serving.listen();
    expect(await serving.ask('/healthz')).toMatchObject({ status: 200 });
  });

  it('is left alone where somebody answers', async () => {
    await using serving = new Serving();
    await serving.listen();
    await expect(serving.listen()).rejects.toMatchObject({ code: 'SOCKET_IN_USE' });
    expect(await serving.ask('/healthz')).toMatchObject({ status: 200 });
    expect(readdirSync(serving.folder)).toEqual(['tokenward.sock']);
  });

  it.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, 'mine')],
    ['a folder', (path) => mkdirSync(path)],
    ['a symbolic link to nothing', (path) => symlinkSync('nowhere', path)],
    ['a symbolic link to a file', (path) => symlinkSync('/etc/passwd', path)],
  ])('is left alone where it is %s', async (_what, make) => {
    await using serving = new Serving();
    make(serving.path);
    const before = lstatSync(serving.path);
    await expect(serving.listen()).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
      message: expect.stringContaining('not a socket') as string,
    });
    expect(lstatSync(serving.path).ino).toBe(before.ino);
  });

  it('is left alone where it came while we bound', async () => {
    await using serving = new Serving();
    const { path } = serving;
    const server: Server = createServer();
    const bound = bindUnixSocket(server, { path, mode: 0o600, user: null, group: null }, async () => {
      writeFileSync(path, 'mine');
      await nothingToProve();
    });
    await expect(bound).rejects.toMatchObject({ code: 'SOCKET_IN_USE' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    server.close();
  });
});

describe('a path that cannot be used', () => {
  it('is told with the command that makes its folder', async () => {
    await using serving = new Serving();
    const path = join(serving.folder, 'run', 'tokenward.sock');
    await expect(serving.listen({ path })).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
      message: expect.stringContaining(howToMake(join(serving.folder, 'run'), '0755')) as string,
    });
  });

  it('is told where a file stands in the way', async () => {
    await using serving = new Serving();
    writeFileSync(join(serving.folder, 'run'), '');
    await expect(serving.listen({ path: join(serving.folder, 'run', 'a.sock') })).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
    });
  });

  it('is told where it is too long', async () => {
    await using serving = new Serving();
    const path = join(serving.folder, 'x'.repeat(108 - serving.folder.length - 1));
    await expect(serving.listen({ path })).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
      message: expect.stringContaining('107 bytes') as string,
    });
  });

  it('is told where the folder takes nothing new', async () => {
    await using serving = new Serving();
    await expect(serving.listen({ path: '/proc/tokenward.sock' })).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
    });
  });
});
