import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAgentName } from '../domain/agent-pattern.ts';
import { asTokenwardError, TokenwardError } from '../domain/errors.ts';
import { denialOf, type Verb } from './access.ts';
import type { Connection } from './call.ts';
import type { Connections } from './connections.ts';
import type { ServeDependencies } from './dependencies.ts';
import { problemReply } from './problem.ts';
import type { Reply, StreamReply } from './reply.ts';
import { noParameters, parseParameters, splitTarget } from './request-input.ts';
import type { Match, Method, Route, Routes } from './routes.ts';
import { sendReply, sendStream } from './wire.ts';

/** A request with what was found out about it so far. */
interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly match: Match | undefined;
  readonly query: string;
}

/** Label of everything that matches no route. */
const unmatched = 'unmatched';

/**
 * From a request to its answer. Requests for tokens are the hot path: nothing on it is asynchronous, and what can be found
 * out once per connection or once per token is not asked again.
 */
export class RequestHandler {
  readonly #dependencies: ServeDependencies;
  #routes: Routes;
  readonly #connections: Connections;
  readonly #closing = new AbortController();

  constructor(dependencies: ServeDependencies, routes: Routes, connections: Connections) {
    this.#dependencies = dependencies;
    this.#routes = routes;
    this.#connections = connections;
  }

  /** Serves these routes from now on. */
  serve(routes: Routes): void {
    this.#routes = routes;
  }

  /** From here on every answer is the last on its connection, and nobody is kept waiting. */
  beginClosing(): void {
    this.#closing.abort();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.of(request.socket);
    if (connection === undefined) {
      request.socket.destroy();
      return;
    }
    const { path, query } = splitTarget(request.url ?? '/');
    const match = this.#routes.find(path);
    const answer = this.#answer({ request, response, connection, match, query });
    if (answer instanceof Promise) void answer.then((reply) => this.#send(response, match, reply));
    else this.#send(response, match, answer);
  }

  /** Never throws and never rejects: whatever goes wrong is an answer too. */
  #answer(incoming: Incoming): Reply | StreamReply | Promise<Reply> {
    const fail = (error: unknown) => this.#problem(error, incoming.match);
    try {
      const reply = this.#dispatch(incoming);
      return reply instanceof Promise ? reply.catch(fail) : reply;
    } catch (error) {
      return fail(error);
    }
  }

  #dispatch({ request, response, connection, match, query }: Incoming): Reply | StreamReply | Promise<Reply> {
    const { peer, access } = connection;
    this.#connections.countRequest(peer);
    if (match === undefined)
      throw new TokenwardError('NOT_FOUND', 'this listener serves nothing at this path; check the path');
    const { route, agentName } = match;
    const endpoint = route.methods[methodOf(request)];
    if (endpoint === undefined) return methodNotAllowed(route);
    const { verb } = endpoint;
    if (verb !== null && !access.may(verb, agentName)) throw this.#denial(connection, verb, agentName);
    const parameters =
      query === '' || endpoint.parameters === null
        ? noParameters
        : parseParameters(query, endpoint.parameters);
    return endpoint.handle({
      request,
      response,
      peer,
      access,
      described: () => connection.described(),
      agentName,
      parameters,
      closing: this.#closing.signal,
    });
  }

  #denial(connection: Connection, verb: Verb, agent: string | null): TokenwardError {
    const { peer, access } = connection;
    const about = agent !== null && isAgentName(agent) ? { agent } : {};
    this.#dependencies.log.warn('peer-denied', {
      ...connection.described(),
      groups: peer.groups,
      verb,
      ...about,
    });
    const message = denialOf({ peer, access, verb, agent });
    return new TokenwardError('PEER_DENIED', message, { fields: { uid: peer.uid, verb } });
  }

  #problem(error: unknown, match: Match | undefined): Reply {
    const known = asTokenwardError(error);
    if (known.code === 'INTERNAL') {
      this.#dependencies.log.error('request-failed', {
        route: match?.route.template ?? unmatched,
        error,
      });
    }
    return problemReply(known, { agent: match?.agentName ?? undefined });
  }

  #send(response: ServerResponse, match: Match | undefined, reply: Reply | StreamReply): void {
    this.#dependencies.metrics.request(match?.route.template ?? unmatched, reply.status);
    if ('begin' in reply) this.#stream(response, match, reply);
    else sendReply(response, reply, this.#closing.signal.aborted);
  }

  /** The head is out: what goes wrong now can only end the stream. */
  #stream(response: ServerResponse, match: Match | undefined, reply: StreamReply): void {
    try {
      sendStream(response, reply);
    } catch (error) {
      this.#problem(error, match);
      response.destroy();
    }
  }
}

/** HEAD is GET without the body, which Node leaves out by itself. */
function methodOf(request: IncomingMessage): Method {
  return (request.method === 'HEAD' ? 'GET' : request.method) as Method;
}

function methodNotAllowed(route: Route): Reply {
  const allowed = Object.keys(route.methods).flatMap((method) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  );
  const error = new TokenwardError(
    'REQUEST_INVALID',
    `this path takes ${allowed.join(', ')}; use one of them`,
  );
  return problemReply(error, { status: 405, headers: ['Allow', allowed.join(', ')] });
}
