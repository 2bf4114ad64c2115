import { createServer as createHttpServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { ListenerKind } from '../platform/metrics/serving-metrics.ts';
import { Connections, type AdmissionOptions } from './connections.ts';
import type { ServeDependencies } from './dependencies.ts';
import { endServer } from './end-server.ts';
import { ExpressLane } from './express-lane.ts';
import { HttpLane } from './http-lane.ts';
import { deadlinesOf, type Deadlines } from './limits.ts';
import type { OAuthClients } from './oauth/clients.ts';
import { RequestHandler } from './request-handler.ts';
import { Routes, type Surface } from './routes.ts';
import { TokenAnswers } from './token-answers.ts';
import { Turns } from './turns.ts';
import { maxHeaderSize, refuseUnreadable } from './unreadable.ts';
import { Watchers } from './watchers.ts';

/** The local API as one HTTP server, bound nowhere yet. */

export interface ServerOptions extends AdmissionOptions {
  readonly serves: readonly Surface[];
  /** Under which its connections are counted. */
  readonly kind: ListenerKind;
  /** Clients of the token endpoint; null where the kernel says who asks. */
  readonly oauthClients: OAuthClients | null;
}

export interface ApiServer {
  readonly http: Server;
  /** Goes by other options from now on, also for the connections that are open; none is ended. */
  update(options: ServerOptions): void;
  /** Stops accepting, lets running requests end, and cuts off what is left after `deadlineMs` milliseconds; `lingerMs` as in {@link EndOptions}. */
  close(deadlineMs: number, lingerMs?: number): Promise<void>;
}

/** Milliseconds for a whole request. */
const requestTimeout = 30_000;

/** What is kept of a connection in either direction before it is read, or written, no further; bytes. */
const highWaterMark = 16 * 1024;

export function createServer(dependencies: ServeDependencies, options: ServerOptions): ApiServer {
  const { clock, log, metrics } = dependencies;
  let { serves, oauthClients } = options;
  let deadlines = deadlinesOf(options.limits);
  const answers = new TokenAnswers(clock, deadlines.idleDeadlineMs);
  const watchers = new Watchers(dependencies);
  const meter = metrics.connections(options.kind);
  const connections = new Connections(options, { clock, log, meter });
  const routesOf = (surfaces: readonly Surface[]) =>
    new Routes(dependencies, { answers, watchers, oauthClients: () => oauthClients }, surfaces);
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
  const close = (deadlineMs: number, lingerMs = 0) => {
    handler.beginClosing();
    watchers.close();
    expressLane.beginClosing();
    return endServer(http, { clock, deadlineMs, lingerMs, endIdle: () => expressLane.close() });
  };
  const update = (changed: ServerOptions) => {
    connections.update(changed);
    if (!isDeepStrictEqual(changed.serves, serves)) handler.serve(routesOf(changed.serves));
    ({ serves, oauthClients } = changed);
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
