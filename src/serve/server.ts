import { createServer as createHttpServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { TokenwardError } from '../domain/errors.ts';
import type { ListenerKind } from '../platform/metrics/serving-metrics.ts';
import { Connections, type AdmissionOptions } from './connections.ts';
import type { ServeDependencies } from './dependencies.ts';
import { ExpressLane } from './express-lane.ts';
import { HttpLane } from './http-lane.ts';
import { deadlinesOf, type Deadlines } from './limits.ts';
import { problemReply } from './problem.ts';
import { RequestHandler } from './request-handler.ts';
import { Routes, type Surface } from './routes.ts';
import { TokenAnswers } from './token-answers.ts';
import { Turns } from './turns.ts';
import { Watchers } from './watchers.ts';
import { refuseConnection } from './wire.ts';

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

/** Milliseconds for a whole request. */
const requestTimeout = 30_000;

const maxHeaderSize = 8 * 1024;

/** What is kept of a connection in either direction before it is read, or written, no further; bytes. */
const highWaterMark = 16 * 1024;

export function createServer(dependencies: ServeDependencies, options: ServerOptions): ApiServer {
  const { clock, log, metrics } = dependencies;
  let { serves } = options;
  let deadlines = deadlinesOf(options.limits);
  const answers = new TokenAnswers(clock, deadlines.idleDeadlineMs);
  const watchers = new Watchers(dependencies);
  const meter = metrics.connections(options.kind);
  const connections = new Connections(options, { clock, log, meter });
  const routesOf = (surfaces: readonly Surface[]) =>
    new Routes(dependencies, { answers, watchers }, surfaces);
  const handler = new RequestHandler(dependencies, routesOf(serves), connections);
  const turns = new Turns(setImmediate);
  const http = createHttpServer({ ...timeoutsBy(deadlines), maxHeaderSize, highWaterMark });
  const headerDeadlineMs = () => deadlines.headerDeadlineMs;
  const httpLane = new HttpLane(http, { turns, clock, headerDeadlineMs, onLate: refuseLate });
  const expressLane = new ExpressLane(
    dependencies,
    { answers, connections, turns },
    deadlines.idleDeadlineMs,
  );
  http.on('connection', (socket: Socket) => {
    const connection = connections.admit(socket);
    if (connection === null) return;
    const { uid } = connection.peer;
    if (serves.includes('api')) expressLane.enter(socket, connection, () => httpLane.enter(socket, uid));
    else httpLane.enter(socket, uid);
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
      expressLane.close();
    });
  };
  const update = (changed: ServerOptions) => {
    connections.update(changed);
    if (!isDeepStrictEqual(changed.serves, serves)) handler.serve(routesOf(changed.serves));
    serves = changed.serves;
    deadlines = deadlinesOf(changed.limits);
    Object.assign(http, timeoutsBy(deadlines));
    answers.update(deadlines.idleDeadlineMs);
    expressLane.update(deadlines.idleDeadlineMs);
  };
  return { http, update, close };
}

/** Node looks every 30 s which connections are over the first two. */
function timeoutsBy({ headerDeadlineMs, idleDeadlineMs }: Deadlines) {
  return {
    headersTimeout: headerDeadlineMs,
    requestTimeout: Math.max(requestTimeout, headerDeadlineMs),
    keepAliveTimeout: idleDeadlineMs,
  };
}

function refuseLate(socket: Socket): void {
  refuseUnreadable(Object.assign(new Error('late headers'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
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
