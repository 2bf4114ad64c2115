import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openLoopbackOwners, type LoopbackOwners } from '../../../src/platform/loopback-owner.ts';
import { loadNative, withoutNative } from '../../../src/platform/native.ts';
import { eventually } from '../../support/eventually.ts';
import { isRoot } from '../../support/root.ts';

const native = await loadNative();
const noNetlink = withoutNative(new Error('EAFNOSUPPORT'));
const open: LoopbackOwners[] = [await openLoopbackOwners(native), await openLoopbackOwners(noNetlink)];
afterAll(() => open.forEach((owners) => owners.close()));

const ways = [
  ['netlink', open[0]],
  ['/proc', open[1]],
] as [string, LoopbackOwners][];

const toClose: (Server | Socket)[] = [];
afterEach(() => {
  for (const each of toClose.splice(0))
    if ('destroy' in each) each.destroy();
    else each.close();
});

async function listening(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true });
  toClose.push(server);
  await once(server.listen(0, host), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

async function acceptedBy(server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  toClose.push(socket);
  return socket.on('error', () => {});
}

/** The accepted end of a connection from this process, and the client's end. */
async function connection(listen: string, to: string): Promise<{ accepted: Socket; client: Socket }> {
  const { server, port } = await listening(listen);
  const client = connect(port, to);
  toClose.push(client);
  return { accepted: await acceptedBy(server), client };
}

describe.each(ways)('the owner of a loopback connection, by %s', (_way, owners) => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.8.7.6'],
    ['::1', '::1'],
    ['::', '127.0.0.1'],
    ['::', '::1'],
    ['::', '::ffff:127.0.0.1'],
  ])('is this user, who connects from %s to %s', async (listen, to) => {
    const { accepted } = await connection(listen, to);
    expect(owners.ownerOf(accepted)).toBe(process.geteuid?.());
  });

  it.runIf(isRoot).each([
    [41_001, 41_001],
    [65_534, null],
  ])('who is %d counts as %s', async (uid, owner) => {
    const { server, port } = await listening('127.0.0.1');
    const program = `exec 3<>/dev/tcp/127.0.0.1/${port}; read`;
    const child = spawn('bash', ['-c', program], { uid, gid: uid });
    try {
      expect(owners.ownerOf(await acceptedBy(server))).toBe(owner);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('is nobody once the client has closed, which leaves the connection half open', async () => {
    const { accepted, client } = await connection('127.0.0.1', '127.0.0.1');
    client.end();
    await once(accepted.resume(), 'end');
    client.destroy();
    await eventually(() => expect(owners.ownerOf(accepted)).toBeNull());
  });

  it('is still known where the client has only ended its own side', async () => {
    const { server, port } = await listening('127.0.0.1');
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    toClose.push(client);
    const accepted = await acceptedBy(server);
    client.end();
    await once(accepted.resume(), 'end');
    expect(owners.ownerOf(accepted)).toBe(process.geteuid?.());
  });

  it('is nobody for a connection that stands no more, though another has its place', async () => {
    const { accepted } = await connection('127.0.0.1', '127.0.0.1');
    const { accepted: other } = await connection('127.0.0.1', '127.0.0.1');
    const { localAddress, localPort, remoteAddress, remotePort } = other;
    const impostor = Object.assign(Object.create(accepted) as Socket, {});
    for (const [name, value] of Object.entries({ localAddress, localPort, remoteAddress, remotePort })) {
      Object.defineProperty(impostor, name, { value });
    }
    expect(owners.ownerOf(impostor)).toBeNull();
  });

  it('is nobody for a connection that is not over loopback', () => {
    const elsewhere = { localAddress: '192.0.2.1', localPort: 1, remoteAddress: '192.0.2.2', remotePort: 2 };
    expect(owners.ownerOf(elsewhere)).toBeNull();
  });
});

const nothing = () => '';

it('keeps the daemon from starting where the kernel tells nobody, or somebody else', async () => {
  await expect(openLoopbackOwners(noNetlink, nothing)).rejects.toMatchObject({
    code: 'PEER_CHECK_UNAVAILABLE',
  });
  const liar = { openTcpDiagnosis: () => ({ ask: () => new Uint8Array(88), close: () => {} }) };
  await expect(openLoopbackOwners(liar, nothing)).rejects.toMatchObject({ code: 'PEER_CHECK_UNAVAILABLE' });
});
