import { createServer as createHttpServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { TokenwardError } from '../domain/errors.ts';
import type { ListenerKind } from '../platform/metrics/serving-metrics.ts';
import { Connections, type AdmissionOptions } from './connections.ts';
import type { ServeDependencies } from './dependencies.ts';
import { ExpressLane } from './express-lane.ts';
import { problemReply } from './problem.ts';
import { RequestHandler } from './request-handler.ts';
import { Routes, type Surface } from './routes.ts';
import { TokenAnswers } from './token-answers.ts';
import { Watchers } from './watchers.ts';
import { idleTimeoutMs, refuseConnection } from './wire.ts';

/** The local API as one HTTP server, bound nowhere yet. */

export interface ServerOptions extends AdmissionOptions {
  readonly serves: readonly Surface[];
  /** Under which its connections are counted. */
  readonly kind: ListenerKind;
}

export interface ApiServer {
  readonly http: Server;
  /** Goes by other options from now on, also for the connections that are open; none is ended. */
  update(options: ServerOptions): void;
  /** Stops accepting, lets running requests end, and cuts off what is left after `deadlineMs` milliseconds. */
  close(deadlineMs: number): Promise<void>;
}

/** Bounds on slow and silent clients: time for the headers, for the whole request, and between requests, in ms. */
const timeouts = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: idleTimeoutMs };

const maxHeaderSize = 8 * 1024;

export function createServer(dependencies: ServeDependencies, options: ServerOptions): ApiServer {
  const { clock, log, metrics } = dependencies;
  const answers = new TokenAnswers(clock);
  const watchers = new Watchers(dependencies);
  const meter = metrics.connections(options.kind);
  const connections = new Connections(options, { clock, log, meter });
  const routesOf = ({ serves }: ServerOptions) => new Routes(dependencies, { answers, watchers }, serves);
  const handler = new RequestHandler(dependencies, routesOf(options), connections);
  let served = options.serves;
  const lane = new ExpressLane(dependencies, answers);
  lane.isOpen = hasLane(options);
  const http = createHttpServer({ ...timeouts, maxHeaderSize });
  const serveHttp = takeConnectionListener(http);
  http.on('connection', (socket: Socket) => {
    const connection = connections.admit(socket);
    if (connection === null) return;
    if (lane.isOpen) lane.enter(socket, connection, () => serveHttp(socket));
    else serveHttp(socket);
  });
  http.on('request', (request, response) => handler.handle(request, response));
  http.on('clientError', refuseUnreadable);
  // A failed accept (no descriptor left, say) must not end the daemon; a failed bind is reported by whoever binds.
  http.once('listening', () => http.on('error', (error) => log.warn('accept-failed', { error })));
  const close = (deadlineMs: number) => {
    handler.beginClosing();
    watchers.close();
    return new Promise<void>((resolve) => {
      const cancel = clock.after(deadlineMs, () => http.closeAllConnections());
      http.close(() => {
        cancel();
        resolve();
      });
      lane.close();
    });
  };
  const update = (changed: ServerOptions) => {
    connections.update(changed);
    if (!isDeepStrictEqual(changed.serves, served)) handler.serve(routesOf(changed));
    served = changed.serves;
    lane.isOpen = hasLane(changed);
  };
  return { http, update, close };
}

/** The lane is for tokens, and where requests are bounded, that is kept in one place only. */
function hasLane({ serves, limits }: ServerOptions): boolean {
  return serves.includes('api') && limits.requestsPerSecond === 0;
}

/** Node's own way of serving a connection, which from now on begins where we call it. */
function takeConnectionListener(http: Server): (socket: Socket) => void {
  const [listener] = http.listeners('connection');
  if (listener === undefined) throw new Error('node:http has no listener for connections');
  http.removeAllListeners('connection');
  return (socket) => {
    listener.call(http, socket);
  };
}

/** Answers what Node's parser could not read or did not get in time, in the form that all other errors have. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
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
