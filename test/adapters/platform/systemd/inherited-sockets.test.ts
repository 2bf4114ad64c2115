import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadNative } from '../../../../src/platform/native.ts';
import { socketDescriptor } from '../../../../src/platform/socket-descriptor.ts';
import {
  bindSocketCalls,
  isSameSocket,
  passedDescriptors,
  socketText,
} from '../../../../src/platform/systemd/inherited-sockets.ts';
import { SocketStore } from '../../../../src/platform/systemd/socket-store.ts';
import { listeningSocket, NotifyReceiver } from '../../../support/raw-sockets.ts';

const calls = bindSocketCalls((await loadNative()).systemLibrary());

describe('descriptors that were passed', () => {
  it('begin with 3, and have names', () => {
    const given = { LISTEN_FDS: '3', LISTEN_PID: '7', LISTEN_FDNAMES: 'a:b' };
    expect(passedDescriptors(given, 7)).toEqual([
      { descriptor: 3, label: 'a' },
      { descriptor: 4, label: 'b' },
      { descriptor: 5, label: 'unknown' },
    ]);
  });

  it.each([
    ['another process', { LISTEN_FDS: '1', LISTEN_PID: '8' }],
    ['nobody', { LISTEN_FDS: '1' }],
    ['us, but no number', { LISTEN_FDS: 'x', LISTEN_PID: '7' }],
    ['us, but none', { LISTEN_FDS: '0', LISTEN_PID: '7' }],
  ])('are none where they were passed to %s', (_whom, given) => {
    expect(passedDescriptors(given, 7)).toEqual([]);
  });
});

describe('a socket that was passed', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-passed-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is known by its address', async () => {
    using unix = listeningSocket({ path: join(folder, 's') });
    using abstract = listeningSocket({ path: `@${folder}` });
    using tcp = listeningSocket({ port: 0 });
    expect(calls.nameOf(unix.descriptor)).toEqual({ kind: 'unix', path: join(folder, 's') });
    expect(calls.nameOf(abstract.descriptor)).toEqual({ kind: 'unix', path: `@${folder}` });
    expect(calls.nameOf(tcp.descriptor)).toEqual({
      kind: 'tcp',
      host: '127.0.0.1',
      port: expect.any(Number) as number,
    });
    const server = createServer().listen(0, '::1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(calls.nameOf(socketDescriptor(server))).toEqual({ kind: 'tcp', host: '::1', port });
    server.close();
  });

  it('is none where it takes no connections, or is no socket', () => {
    using datagrams = new NotifyReceiver(join(folder, 'd'));
    const file = openSync('/dev/null', 'r');
    expect([datagrams.descriptor, file, 9_999].map((fd) => calls.nameOf(fd))).toEqual([null, null, null]);
    closeSync(file);
  });

  it('can be taken again and again, and no child process gets what was taken', () => {
    const path = join(folder, 's');
    using socket = listeningSocket({ path });
    const store = storeOf([{ descriptor: socket.descriptor, label: 'api' }]);
    const taken = [0, 1].map(() => store.take({ kind: 'unix', path }) ?? -1);
    expect(new Set([socket.descriptor, ...taken]).size).toBe(3);
    const { stdout } = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' });
    for (const fd of taken) {
      expect(stdout.split('\n')).not.toContain(String(fd));
      closeSync(fd);
    }
    expect(store.take({ kind: 'unix', path: `${path}2` })).toBeNull();
  });

  it('is told once where nobody wants it, and again after somebody did', () => {
    const path = join(folder, 's');
    using socket = listeningSocket({ path });
    const told: string[] = [];
    const store = storeOf([{ descriptor: socket.descriptor, label: 'api' }], told);
    store.tellUnused([{ kind: 'tcp', host: '127.0.0.1', port: 1 }]);
    store.tellUnused([]);
    expect(told).toEqual([`${path} api`]);
    store.tellUnused([{ kind: 'unix', path }]);
    store.tellUnused([]);
    expect(told).toHaveLength(2);
  });
});

function storeOf(passed: readonly { descriptor: number; label: string }[], told: string[] = []) {
  return new SocketStore(passed, {
    calls,
    onUnused: (address, label) => told.push(`${address} ${label}`),
    onFailed: (error) => {
      throw error;
    },
  });
}

function at(host: string) {
  return { kind: 'tcp', host, port: 1 } as const;
}

it('one address is known in all its spellings', () => {
  expect(isSameSocket(at('::1'), at('0:0:0:0:0:0:0:1'))).toBe(true);
  expect(isSameSocket(at('127.0.0.1'), at('::1'))).toBe(false);
  expect(isSameSocket(at('::1'), { ...at('::1'), port: 2 })).toBe(false);
  expect(isSameSocket(at('::1'), { kind: 'unix', path: '/s' })).toBe(false);
  expect(socketText(at('::1'))).toBe('[::1]:1');
  expect(socketText(null)).toBe('no listening socket');
});
