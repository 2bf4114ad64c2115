import { once } from 'node:events';
import { fstatSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import type { Native, TcpDiagnosis } from './native.ts';
import { socketDescriptor } from './socket-descriptor.ts';
import { errorCode } from './system-error.ts';
import {
  diagAnswer,
  diagRequest,
  entryInTable,
  isOpen,
  loopbackAddress,
  type LoopbackEnd,
  type TcpEntry,
} from './tcp-table.ts';
import { overflowId } from './users.ts';

/**
 * Whose process is at the other end of a TCP connection over the loopback interface. TCP sockets have no SO_PEERCRED, but the
 * kernel lists both ends of such a connection, each with the uid that made it.
 *
 * It is asked over NETLINK_SOCK_DIAG (some 10 µs; a unit with `RestrictAddressFamilies` must name AF_NETLINK there), and where
 * that is refused, the files `/proc/self/net/tcp` and `tcp6` are read, whose size grows with all connections of the host.
 */

/** The server's side of a connection, as `node:net` accepts it. */
export type AcceptedSocket = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

export interface LoopbackOwners {
  /**
   * The uid that made the client's socket; synchronous, also by way of /proc. null where the connection is not over loopback,
   * where the client has closed it (a socket in TIME_WAIT is nobody's), and for the uid 65534, which many strangers share.
   * Ask at accept: later the client may have gone. Throws a `SystemError` where the kernel does not answer.
   */
  ownerOf(socket: AcceptedSocket): number | null;
  /** Gives the descriptor back that questions go through. */
  close(): void;
}

interface TcpTable {
  find(local: LoopbackEnd, remote: LoopbackEnd): TcpEntry | null;
  close(): void;
}

/**
 * Opens the way to ask that works here, proved by a connection to ourselves, whose owner must be this process's user.
 * Throws `PEER_CHECK_UNAVAILABLE` where none does.
 */
export async function openLoopbackOwners(
  native: Pick<Native, 'openTcpDiagnosis'>,
  readProc: () => string = readProcTables,
): Promise<LoopbackOwners> {
  const ways = [() => diagnosisTable(native.openTcpDiagnosis()), () => procTable(readProc)];
  const failures: unknown[] = [];
  for (const open of ways) {
    try {
      const owners = ownersIn(open());
      if (await knowsUs(owners)) return owners;
      owners.close();
      failures.push(new Error('the kernel gives a wrong owner'));
    } catch (error) {
      failures.push(error);
    }
  }
  throw new TokenwardError(
    'PEER_CHECK_UNAVAILABLE',
    'the kernel does not say whose a loopback connection is; allow AF_NETLINK to this process (RestrictAddressFamilies), or let clients show a key instead',
    { cause: new AggregateError(failures) },
  );
}

function ownersIn(table: TcpTable): LoopbackOwners {
  return {
    ownerOf: (socket) => {
      const client = endOf(socket.remoteAddress, socket.remotePort);
      const server = endOf(socket.localAddress, socket.localPort);
      if (client === null || server === null) return null;
      const entry = table.find(client, server);
      if (entry === null || !isOpen(entry) || entry.uid === overflowId) return null;
      // While our end stands, nobody else can have come to be at the other one.
      return isStanding(table.find(server, client), socket) ? entry.uid : null;
    },
    close: () => table.close(),
  };
}

function isStanding(ours: TcpEntry | null, socket: object): boolean {
  return ours !== null && isOpen(ours) && fstatSync(socketDescriptor(socket)).ino === ours.inode;
}

function endOf(address: string | undefined, port: number | undefined): LoopbackEnd | null {
  const plain = loopbackAddress(address);
  return plain === null || port === undefined ? null : { address: plain, port };
}

function diagnosisTable(diagnosis: TcpDiagnosis): TcpTable {
  let sequence = 0;
  return {
    find: (local, remote) => {
      sequence = (sequence + 1) >>> 0;
      const answer = diagnosis.ask(diagRequest(local, remote, sequence));
      return diagAnswer(answer, local, remote, sequence);
    },
    close: () => diagnosis.close(),
  };
}

function procTable(read: () => string): TcpTable {
  return { find: (local, remote) => entryInTable(read(), local, remote), close: () => {} };
}

function readProcTables(): string {
  return ['tcp', 'tcp6'].map((name) => readOrNothing(`/proc/self/net/${name}`)).join('\n');
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    // a kernel without IPv6 has no tcp6
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

async function knowsUs(owners: LoopbackOwners): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') return false;
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(address.port, '127.0.0.1');
    const [[socket]] = await Promise.all([accepted, once(client, 'connect')]);
    try {
      return owners.ownerOf(socket) === process.geteuid?.();
    } finally {
      socket.destroy();
      client.destroy();
    }
  } finally {
    server.close();
  }
}
