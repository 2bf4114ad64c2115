import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Leaf } from '../../../src/emulator/certificates.ts';
import {
  type FakeCluster,
  type Happened,
  type Place,
  type Resource,
  type StoredObject,
  StatusError,
} from './cluster.ts';

/** The REST side of a {@link FakeCluster}: bearer tokens, RBAC by verb and name, watches as streams, and faults on request. */

export interface Request {
  readonly verb: 'get' | 'update' | 'watch';
  readonly place: Place;
  readonly dryRun: boolean;
  readonly token: string;
}

/** What goes wrong with a request. `cut` and `cut-after` reset the connection, before or after the cluster did it. */
export type Fault =
  | { readonly status: number; readonly retryAfter?: number; readonly reason?: string }
  | 'cut'
  | 'cut-after'
  | 'half-answer'
  | 'hang';

export class ApiServer implements AsyncDisposable {
  readonly cluster: FakeCluster;
  /** Bearer tokens that are valid. */
  readonly tokens = new Set<string>();
  /** What the Role allows. */
  allows: (request: Request) => boolean = () => true;
  fault: (request: Request) => Fault | null = () => null;
  /** No connection comes through, and those that are open hang. */
  partitioned = false;
  readonly requests: Request[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerResponse>();

  private constructor(cluster: FakeCluster, tls: Leaf | null) {
    this.cluster = cluster;
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(request, response);
    this.#server = tls === null ? createHttp(handle) : createHttps(tls, handle);
    this.#server.on('connection', (socket: Socket) => {
      if (this.partitioned) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.#server.on('tlsClientError', () => {});
  }

  static async start(cluster: FakeCluster, tls: Leaf | null): Promise<ApiServer> {
    const server = new ApiServer(cluster, tls);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The network to it goes away: what is open is cut, and nothing new comes through. */
  partition(): void {
    this.partitioned = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  heal(): void {
    this.partitioned = false;
  }

  /** The server ends all watches, as it does after their `timeoutSeconds`. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
  }

  /** A bookmark for every watch. */
  bookmark(): void {
    const event = this.cluster.bookmark({ resource: 'secrets', namespace: '', name: '' });
    for (const stream of this.#streams) stream.write(lineOf(event));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(message);
    const request = requestOf(message);
    if (request === null)
      return answer(response, 404, new StatusError(404, 'NotFound', 'no such path').status);
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault === 'hang') return;
    if (fault === 'cut') return void message.socket.destroy();
    try {
      this.#admit(request, fault);
      if (request.verb === 'watch') return this.#watch(request, message, response);
      const object =
        request.verb === 'get'
          ? this.cluster.get(request.place)
          : this.cluster.put(request.place, JSON.parse(body) as StoredObject, request);
      if (fault === 'cut-after') return void message.socket.destroy();
      if (fault === 'half-answer') return halfAnswer(response, object);
      answer(response, 200, object);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { code = 500 } = error.status;
      if (typeof fault === 'object' && fault?.retryAfter !== undefined)
        response.setHeader('Retry-After', String(fault.retryAfter));
      answer(response, code, error.status);
    }
  }

  /** Authentication, faults of the server, authorization. */
  #admit(request: Request, fault: Fault | null): void {
    if (!this.tokens.has(request.token)) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    if (fault !== null && typeof fault === 'object')
      throw new StatusError(fault.status, fault.reason ?? 'InternalError', 'made up for a test');
    const { verb, place } = request;
    if (this.allows(request)) return;
    const message = `${place.resource} "${place.name}" is forbidden: User "system:serviceaccount:logs:tokenward" cannot ${verb} resource "${place.resource}" in API group "" in the namespace "${place.namespace}"`;
    throw new StatusError(403, 'Forbidden', message);
  }

  #watch({ place }: Request, message: IncomingMessage, response: ServerResponse): void {
    const from = new URL(message.url ?? '', 'http://x').searchParams.get('resourceVersion') ?? '';
    const write = (happened: Happened) => void response.write(lineOf(happened));
    let stop: () => void;
    response.setHeader('Content-Type', 'application/json');
    try {
      stop = this.cluster.watch(place, from, write);
    } catch (error) {
      // a version that is too old is told in the stream, as often as by the status
      response.end(lineOf({ type: 'ERROR', object: (error as StatusError).status }));
      return;
    }
    response.flushHeaders();
    this.#streams.add(response);
    response.on('close', () => {
      stop();
      this.#streams.delete(response);
    });
  }
}

function requestOf({ method, url = '', headers }: IncomingMessage): Request | null {
  const { pathname, searchParams } = new URL(url, 'http://x');
  const [resource, namespace, name] = matched(pathname) ?? [];
  const token = (headers.authorization ?? '').replace(/^Bearer /, '');
  if (resource === undefined || namespace === undefined) return null;
  const dryRun = searchParams.get('dryRun') === 'All';
  const place = (called: string): Place => ({ resource: resource as Resource, namespace, name: called });
  if (name !== undefined)
    return method === 'GET' || method === 'PUT'
      ? { verb: method === 'GET' ? 'get' : 'update', place: place(name), dryRun, token }
      : null;
  // what a Role with resourceNames lets through
  const selected = /^metadata\.name=(.+)$/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
  const isWatch = searchParams.get('watch') === 'true' && searchParams.get('allowWatchBookmarks') === 'true';
  return isWatch && selected !== undefined ? { verb: 'watch', place: place(selected), dryRun, token } : null;
}

/** Resource, namespace and, where there is one, name. */
function matched(path: string): readonly (string | undefined)[] | null {
  const found =
    /^\/api\/v1\/namespaces\/([^/]+)\/(secrets)(?:\/([^/]+))?$/.exec(path) ??
    /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/]+)\/(leases)(?:\/([^/]+))?$/.exec(path);
  return found === null ? null : [found[2], found[1], found[3]];
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of message.setEncoding('utf8')) body += chunk as string;
  return body;
}

function answer(response: ServerResponse, status: number, object: object): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(object));
}

function halfAnswer(response: ServerResponse, object: object): void {
  const text = JSON.stringify(object);
  response.setHeader('Content-Length', text.length);
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

function lineOf({ type, object }: Happened): string {
  return `${JSON.stringify({ type, object })}\n`;
}
