import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadNative, withoutNative } from '../../../src/platform/native.ts';
import { firstLine } from './fixtures/processes.ts';

const native = await loadNative();
const isRoot = process.getuid?.() === 0;

/** Node has no public way to it. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle: { fd: number } };
  return handle.fd;
}

/** The server's side of the next connection. */
async function accepted(address: string | 0, client: (address: string | number) => void): Promise<Socket> {
  const server = createServer();
  server.listen(address);
  await once(server, 'listening');
  const bound = server.address();
  client(typeof bound === 'object' && bound !== null ? bound.port : String(bound));
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.once('close', () => server.close());
  return socket;
}

it('a process that is held is signalled, and nobody else once it has gone', async () => {
  const child = spawn('/bin/sh', ['-c', 'trap "exit 7" HUP; echo ready; while :; do sleep 0.02; done']);
  const ended = once(child, 'exit');
  await firstLine(child);
  const held = native.holdProcess(child.pid ?? 0);
  held.send(constants.signals.SIGHUP);
  expect(await ended).toEqual([7, null]);
  expect(() => held.send(constants.signals.SIGHUP)).toThrow('ESRCH');
  held.close();
  expect(() => native.holdProcess(child.pid ?? 0)).toThrow('ESRCH');
});

describe('the peer of a socket', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-native-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is told by the kernel', async () => {
    const socket = await accepted(join(folder, 's'), (path) => connect(String(path)).unref());
    expect(native.peerCredentials(descriptorOf(socket))).toEqual({
      pid: process.pid,
      uid: process.getuid?.(),
      gid: process.getgid?.(),
    });
    // Node adds the primary group to what the kernel says
    const groups = new Set([...native.peerGroups(descriptorOf(socket)), process.getgid?.()]);
    expect(groups).toEqual(new Set(process.getgroups?.()));
    socket.destroy();
  });

  it.runIf(isRoot).each([0, 3, 300])('has its %d supplementary groups', async (count) => {
    const groups = Array.from({ length: count }, (_, index) => 1000 + index);
    const choice = count === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')];
    const program = `require('net').connect(process.argv[1])`;
    const socket = await accepted(join(folder, 's'), (path) => {
      spawn('setpriv', ['--regid', '7', ...choice, process.execPath, '-e', program, String(path)]);
    });
    expect(native.peerCredentials(descriptorOf(socket))).toMatchObject({ uid: 0, gid: 7 });
    expect(native.peerGroups(descriptorOf(socket))).toEqual(groups);
    socket.destroy();
  });

  it('has a descriptor of its process, where there is one', async () => {
    const socket = await accepted(join(folder, 's'), (path) => connect(String(path)).unref());
    const pidfd = native.peerPidfd(descriptorOf(socket));
    if (pidfd !== null) {
      expect(readFileSync(`/proc/self/fdinfo/${pidfd}`, 'latin1')).toContain(`\nPid:\t${process.pid}\n`);
      closeSync(pidfd);
    }
    socket.destroy();
    expect(() => native.peerPidfd(-1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  it('is unknown for a TCP connection', async () => {
    const socket = await accepted(0, (port) => connect(Number(port), '127.0.0.1').unref());
    expect(() => native.peerCredentials(descriptorOf(socket))).toThrow(
      expect.objectContaining({ code: 'PEER_CHECK_UNAVAILABLE' }),
    );
    expect(native.peerPidfd(descriptorOf(socket))).toBeNull();
    socket.destroy();
  });

  it('is an error for what is no open socket', () => {
    const error: unknown = expect.objectContaining({ code: 'EBADF', syscall: 'getsockopt' });
    expect(() => native.peerCredentials(-1)).toThrow(error);
    expect(() => native.peerGroups(-1)).toThrow(error);
  });
});

describe('the other calls', () => {
  it('count the time since boot', () => {
    const [uptime] = readFileSync('/proc/uptime', 'latin1').split(' ');
    expect(Math.abs(native.bootMs() - Number(uptime) * 1000)).toBeLessThan(1_000);
  });

  it('trim the heap', () => {
    expect(() => native.trimMemory()).not.toThrow();
  });

  it('refuse to lock what is not open', () => {
    expect(() => native.tryLock(-1)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'flock' }));
    expect(() => native.unlock(-1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  it('let a child die with its parent', async () => {
    const parent = spawn(process.execPath, [
      join(import.meta.dirname, 'fixtures/die-with-parent.ts'),
      'parent',
    ]);
    const child = Number(await firstLine(parent));
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(child)).toBe(false);
  });
});

describe('without koffi', () => {
  const without = withoutNative(new Error('no such file'));

  it('says which calls are missing', () => {
    expect(() => without.peerCredentials(0)).toThrow(
      expect.objectContaining({ code: 'PEER_CHECK_UNAVAILABLE' }),
    );
    expect(() => without.peerGroups(0)).toThrow(expect.objectContaining({ code: 'PEER_CHECK_UNAVAILABLE' }));
    expect(() => without.openTcpDiagnosis()).toThrow(
      expect.objectContaining({ code: 'PEER_CHECK_UNAVAILABLE' }),
    );
    expect(without.peerPidfd(0)).toBeNull();
    expect(() => without.tryLock(0)).toThrow(expect.objectContaining({ code: 'STATE_DIR_UNUSABLE' }));
  });

  it('still counts the time since boot', () => {
    expect(Math.abs(without.bootMs() - native.bootMs())).toBeLessThan(1_000);
    expect(() => without.trimMemory()).not.toThrow();
  });
});

/** A zombie has ended, even where nobody has asked for its exit code. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
