/** The sockets of the emulator: HTTP or HTTPS, with or without client certificates, and a way to reset a connection. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface TlsIdentity {
  /** PEM, the leaf first. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls?: TlsIdentity;
  /** PEM of the authority whose client certificates are required; needs `tls`. */
  readonly clientCa?: string;
  /** Answers a request; the connection of one that it rejects for is cut. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly log: (line: string) => void;
}

export class HttpListener {
  readonly #options: ListenerOptions;
  /** Raw TCP sockets by the client's address: a TLS socket cannot be reset, the one beneath it can. */
  readonly #sockets = new Map<string, Socket>();
  #server: http.Server | null = null;
  #port: number;

  constructor(options: ListenerOptions) {
    if (options.clientCa !== undefined && options.tls === undefined) throw new Error('clientCa needs tls');
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { host, tls } = this.#options;
    return `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  /** Listens. Opened again after a close it keeps its port. Rejects with Node's error (EADDRINUSE, EACCES and the like). */
  async open(): Promise<void> {
    const server = this.#createServer();
    server.on('connection', (socket: Socket) => this.#remember(socket));
    server.on('tlsClientError', (error: NodeJS.ErrnoException) =>
      this.#options.log(`a TLS handshake failed: ${error.code ?? error.message}`),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#options.host, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Stops listening and cuts every connection. Closing twice is harmless. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  /** Cuts a request's connection with a TCP reset. */
  reset(request: IncomingMessage): void {
    this.#sockets.get(addressOf(request.socket))?.resetAndDestroy();
  }

  #createServer(): http.Server {
    const { tls, clientCa, handle, log } = this.#options;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      handle(request, response).catch((error: unknown) => {
        log(`a request was not finished: ${String(error)}`);
        response.destroy();
      });
    };
    if (tls === undefined) return http.createServer(onRequest);
    const clients =
      clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
    return https.createServer({ ...tls, ...clients }, onRequest);
  }

  #remember(socket: Socket): void {
    const address = addressOf(socket);
    this.#sockets.set(address, socket);
    socket.once('close', () => this.#sockets.delete(address));
  }
}

function addressOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
