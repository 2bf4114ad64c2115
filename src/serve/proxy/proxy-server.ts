import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AdmissionOptions, Connections } from '../connections.ts';
import { endServer } from '../end-server.ts';
import { deadlinesOf } from '../limits.ts';
import { unknownPeer } from '../peer.ts';
import { takeListener } from '../take-listener.ts';
import { maxHeaderSize, refuseUnreadable } from '../unreadable.ts';
import { ProxyHandler } from './proxy-handler.ts';
import type { ProxyDependencies, ProxyRules } from './proxy-rules.ts';
import { SpoolBudget } from './spool.ts';

/** An injecting proxy as an HTTP server, bound nowhere yet. */

export interface ProxyServer {
  readonly http: Server;
  /** Goes by other rules from the next request on; no connection is ended. */
  update(rules: ProxyRules): void;
  /** Stops accepting, lets running requests end, and cuts off what is left after `deadlineMs` milliseconds; `lingerMs` as in {@link EndOptions}. */
  close(deadlineMs: number, lingerMs?: number): Promise<void>;
}

/** Milliseconds for a whole request: large bodies may come slowly, but not for ever. */
const requestTimeout = 300_000;

/** Bytes of bodies that all requests of a proxy may hold in memory, and on disk. */
const memoryBytes = 16 * 1024 * 1024;
const diskBytes = 512 * 1024 * 1024;

const nothing = { may: () => false };

export function createProxyServer(dependencies: ProxyDependencies, rules: ProxyRules): ProxyServer {
  const { clock, log, metrics } = dependencies;
  // Shown from now on, with zeros.
  metrics.proxy(rules.agent);
  const connections = new Connections(admission(rules), { clock, log, meter: metrics.connections('proxy') });
  const budgets = { memory: new SpoolBudget(memoryBytes), disk: new SpoolBudget(diskBytes) };
  const handler = new ProxyHandler(rules, { ...dependencies, ...budgets });
  const http = createServer({ ...timeoutsBy(rules), maxHeaderSize });
  const serve = takeListener(http, 'connection');
  http.on('connection', (socket: Socket) => {
    if (connections.admit(socket) !== null) serve(socket);
  });
  const handle = (expectation: 'none' | 'continue' | 'unknown') => {
    return (request: IncomingMessage, response: ServerResponse) => {
      const peer = connections.of(request.socket)?.peer ?? unknownPeer;
      void handler.handle({ request, response, peer, expectation });
    };
  };
  http.on('request', handle('none'));
  http.on('checkContinue', handle('continue'));
  http.on('checkExpectation', handle('unknown'));
  http.on('clientError', refuseUnreadable);
  http.once('listening', () => http.on('error', (error) => log.warn('accept-failed', { error })));
  return {
    http,
    update(changed) {
      connections.update(admission(changed));
      Object.assign(http, timeoutsBy(changed));
      handler.rules = changed;
    },
    async close(deadlineMs, lingerMs = 0) {
      handler.beginClosing();
      await endServer(http, { clock, deadlineMs, lingerMs, endIdle: () => {} });
      handler.rules.upstream.close();
    },
  };
}

/** Whom the proxy lets send is asked for each request; a connection has no rights of its own. */
function admission(rules: ProxyRules): AdmissionOptions {
  return {
    limits: rules.limits,
    identify: (socket) => rules.identify(socket),
    accessOf: () => nothing,
    executableOf: () => null,
  };
}

function timeoutsBy({ limits }: ProxyRules) {
  const { headerDeadlineMs, idleDeadlineMs } = deadlinesOf(limits);
  return { headersTimeout: headerDeadlineMs, requestTimeout, keepAliveTimeout: idleDeadlineMs };
}
