import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Reply, StreamReply } from './reply.ts';

/** Replies on their way out. */

/** A reply as the bytes of an HTTP/1.1 response on a connection that stays open, and may be idle for `idleDeadlineMs` milliseconds. */
export function responseBytes(reply: Reply, idleDeadlineMs: number): Buffer {
  // As `node:http` writes them, so that an answer looks the same whoever sends it.
  const timeout = `timeout=${Math.floor(idleDeadlineMs / 1000)}`;
  return serialize(reply, ['Connection', 'keep-alive', 'Keep-Alive', timeout]);
}

/** Answers by way of `node:http`. Does nothing where the client has gone. */
export function sendReply(response: ServerResponse, reply: Reply, lastOnConnection: boolean): void {
  if (response.destroyed) return;
  if (lastOnConnection) response.shouldKeepAlive = false;
  // Costs a header, and tells nothing on a socket of this host.
  response.sendDate = false;
  // Node's types ask for a mutable array; it only reads.
  response.writeHead(reply.status, reply.headers as string[]);
  response.end(reply.body, 'latin1');
}

/** Sends the head of an answer that goes on, and lets it begin. To HEAD the head is all. */
export function sendStream(response: ServerResponse, reply: StreamReply): void {
  if (response.destroyed) return;
  response.shouldKeepAlive = false;
  response.sendDate = false;
  response.writeHead(reply.status, reply.headers as string[]);
  if (response.req.method === 'HEAD') response.end();
  else reply.begin();
}

/** Answers where there is no request to answer to (it could not be read, or is not wanted), and ends the connection. */
export function refuseConnection(socket: Duplex, reply: Reply): void {
  // A client that does not wait for its refusal is its own matter.
  socket.on('error', () => socket.destroy());
  socket.end(serialize(reply, ['Connection', 'close']), () => socket.destroy());
}

function serialize({ status, headers, body }: Reply, connection: readonly string[]): Buffer {
  const fields = [...headers, ...connection];
  const lines = fields.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${fields[index + 1]}`] : []));
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines].join('\r\n');
  return Buffer.from(`${head}\r\n\r\n${body}`, 'latin1');
}
