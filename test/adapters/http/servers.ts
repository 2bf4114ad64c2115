import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** Servers that answer byte for byte what a test wants, and note what they were sent. */
export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  /** One text per connection that sent anything. */
  readonly received: readonly string[];
  /** Connections ever accepted (after the handshake, with TLS), and those open now. */
  readonly accepted: () => number;
  readonly open: () => number;
}

/** Called with each piece that arrives; `text` is all that came over this connection so far. */
export type Script = (socket: Socket, text: string) => void;

/** With `tls`, an HTTPS server; else plain HTTP. `greet` is called when a connection is there. */
export async function startServer(
  script: Script,
  tls?: TlsOptions,
  greet: (socket: Socket) => void = () => {},
): Promise<ScriptedServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;
  const serve = (socket: Socket): void => {
    accepted += 1;
    sockets.add(socket);
    let slot = -1;
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {}); // Clients that go away are part of the tests.
    socket.on('data', (chunk: Buffer) => {
      if (slot === -1) slot = received.push('') - 1;
      received[slot] += chunk.toString('latin1');
      script(socket, received[slot] ?? '');
    });
    greet(socket);
  };
  const server: Server = tls === undefined ? createTcpServer(serve) : createTlsServer(tls, serve);
  server.on('tlsClientError', () => {}); // As above.
  return {
    port: await listen(server),
    received,
    accepted: () => accepted,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Whether a whole request is there: the head, and as much body as it announced. */
export function isWhole(text: string): boolean {
  const [head = '', body] = text.split('\r\n\r\n');
  const announced = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return body !== undefined && body.length >= announced;
}

/** Answers every whole request with the same bytes, and closes. */
export function answering(bytes: string): Script {
  return (socket, text) => void (isWhole(text) && socket.end(bytes, 'latin1'));
}

/** An HTTP answer with a body of a known length. */
export function httpAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const lines = Object.entries({ 'content-length': String(body.length), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `HTTP/1.1 ${status} Some Reason\r\n${lines.join('')}\r\n${body}`;
}

/** A port of this host on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}
