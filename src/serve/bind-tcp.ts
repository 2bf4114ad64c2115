import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import { bindInherited } from './bind-inherited.ts';
import { maxQueued } from './max-queued.ts';

export interface TcpPlace {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** A descriptor of the socket that somebody else has opened there for us; null where it is for us to make. */
  readonly inherited?: number | null;
}

/** Binds a server to an address of this host; resolves to `host:port` as it was bound. Rejects `ADDRESS_IN_USE` or `SOCKET_UNUSABLE`. */
export async function bindTcp(server: Server, { host, port, inherited = null }: TcpPlace): Promise<string> {
  try {
    if (inherited !== null) await bindInherited(server, inherited, `${host}:${port}`);
    else await once(server.listen({ port, host, backlog: maxQueued }), 'listening');
  } catch (error) {
    throw error instanceof TokenwardError ? error : bindError(host, port, error);
  }
  const bound = server.address() as AddressInfo;
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

function bindError(host: string, port: number, cause: unknown): TokenwardError {
  const where = `${host}:${port}`;
  if (errorCode(cause) === 'EADDRINUSE') {
    return new TokenwardError(
      'ADDRESS_IN_USE',
      `another process already listens on ${where}; to see which: ss -tlnp sport = :${port}; stop it, or choose another port`,
      { cause },
    );
  }
  if (errorCode(cause) === 'EADDRNOTAVAIL') {
    const message = `this host has no address ${host} to listen on; choose one that \`ip addr\` shows`;
    return new TokenwardError('SOCKET_UNUSABLE', message, { cause });
  }
  if (errorCode(cause) === 'EACCES') {
    const message = `not permitted to listen on ${where}; choose a port from 1024 on`;
    return new TokenwardError('SOCKET_UNUSABLE', message, { cause });
  }
  const reason = errorCode(cause) ?? 'unknown error';
  return new TokenwardError(
    'SOCKET_UNUSABLE',
    `cannot listen on ${where} (${reason}); choose an address of this host and a free port`,
    { cause },
  );
}
