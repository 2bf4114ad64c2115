import type { Duplex } from 'node:stream';
import { TokenwardError } from '../domain/errors.ts';
import { problemReply } from './problem.ts';
import { refuseConnection } from './wire.ts';

/** Bytes of the headers of one request. */
export const maxHeaderSize = 8 * 1024;

/** Answers what Node's parser could not read or did not get in time, in the form that all other errors have. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, message } = unreadable[error.code ?? ''] ?? {
    status: 400,
    message: 'the request is not valid HTTP/1.1; send a well-formed one',
  };
  refuseConnection(socket, problemReply(new TokenwardError('REQUEST_INVALID', message), { status }));
}

const unreadable: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    message: `the headers are larger than ${maxHeaderSize} bytes; send less`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'the request did not arrive in time; send it at once' },
};
