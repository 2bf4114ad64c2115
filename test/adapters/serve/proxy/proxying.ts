import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createUpstream } from '../../../../src/platform/http/upstream.ts';
import { openLocalKey } from '../../../../src/platform/local-key.ts';
import { createMetrics } from '../../../../src/platform/metrics.ts';
import { openScratchFile, type ScratchFile } from '../../../../src/platform/scratch-file.ts';
import { systemDisk } from '../../../../src/platform/system-disk.ts';
import { unknownPeer, type Peer } from '../../../../src/serve/peer.ts';
import { listenProxy, type ProxyListener, type ProxyPlace } from '../../../../src/serve/proxy/listen.ts';
import type { ProxyRules } from '../../../../src/serve/proxy/proxy-rules.ts';
import { TokenSupply } from '../../../../src/serve/proxy/token-supply.ts';
import { FakeAgent } from '../../../fakes/fake-agent.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';
import { MemoryLog } from '../../../fakes/memory-log.ts';

export const clientKey = 'a-key-of-this-host-alone';

/** What reached the server. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly sha256: string;
  readonly bytes: number;
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse, received: Received) => void;

/** Takes what comes with one of these tokens, and answers 401 to others. */
export function accepting(...tokens: string[]): Behaviour {
  return (request, response) => {
    const isGood = tokens.some((token) => request.headers.authorization === `Bearer ${token}`);
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'text/plain' }).end(isGood ? 'taken' : 'no');
  };
}

/** A proxy in front of a server that the test plays, for an agent that it plays too. */
export class Proxying implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tokenward-proxy-'));
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly metrics = createMetrics({ version: 'test', clock: this.clock, agents: () => [] });
  readonly agent = new FakeAgent('web-01', this.clock);
  readonly received: Received[] = [];
  /** Called when the whole request has come. */
  behaviour: Behaviour = accepting('first');
  /** Called when its head has come, instead of reading its body; true where that was an answer. */
  early: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;
  connections = 0;
  scratchFiles = 0;
  openFile: () => Promise<ScratchFile> = () => openScratchFile(this.folder);
  peer: Peer = unknownPeer;
  readonly server = createServer(
    { requestTimeout: 0 },
    (request, response) => void this.#serve(request, response),
  );
  #listener: ProxyListener | undefined;

  static async start(changes: Partial<ProxyRules> = {}, place?: ProxyPlace): Promise<Proxying> {
    const proxying = new Proxying();
    proxying.server.on('connection', () => (proxying.connections += 1));
    await once(proxying.server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }), 'listening');
    proxying.agent.publish('first');
    const { clock, log, metrics } = proxying;
    proxying.#listener = await listenProxy(
      {
        clock,
        log,
        metrics,
        openScratchFile: () => {
          proxying.scratchFiles += 1;
          return proxying.openFile();
        },
      },
      place ?? { kind: 'tcp', host: '127.0.0.1', port: 0 },
      await proxying.rules(changes),
      async () => {},
    );
    return proxying;
  }

  async rules(changes: Partial<ProxyRules> = {}): Promise<ProxyRules> {
    const keyFile = join(this.folder, 'proxy.key');
    writeFileSync(keyFile, `${clientKey}\n`, { mode: 0o600 });
    return {
      agent: 'web-01',
      upstream: createUpstream({
        url: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
        tls: {},
        env: {},
        timeouts: { connectMs: 5000, headersMs: 5000, bodyMs: 5000 },
        connections: 1024,
      }),
      tokens: new TokenSupply({ agent: () => this.agent, clock: this.clock, patienceMs: 15_000 }),
      tokenHeader: { name: 'Authorization', scheme: 'Bearer' },
      maxBody: 128 * 1024 * 1024,
      rejected: new Set([401, 403, 440]),
      deadlineMs: 60_000,
      client: { key: await openLocalKey(keyFile, { disk: systemDisk, onUnusable: () => {} }), user: null },
      target: {
        methods: ['POST', 'GET'],
        paths: ['/api/v2/events', '/api/v2/events/ingest/*'],
        hosts: new Set(),
      },
      limits: { connections: 0, requestsPerSecond: 0 },
      identify: () => this.peer,
      ...changes,
    };
  }

  get listener(): ProxyListener {
    if (this.#listener === undefined) throw new Error('not started');
    return this.#listener;
  }

  get port(): number {
    return Number(this.listener.address.split(':').at(-1));
  }

  /** Where a request goes. */
  get target() {
    return { host: '127.0.0.1', port: this.port };
  }

  async post(body: AsyncIterable<Uint8Array> | Uint8Array, options: PostOptions = {}): Promise<ProxyAnswer> {
    const { headers = {}, path = '/api/v2/events', agent = false, method = 'POST' } = options;
    const request = httpRequest({
      ...this.target,
      method,
      path,
      agent,
      headers: {
        'x-tokenward-key': clientKey,
        ...(body instanceof Uint8Array && { 'content-length': body.byteLength }),
        ...headers,
      },
    });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    answered.catch(() => {});
    // What goes wrong with the rest of a body after its answer is of no interest.
    request.on('error', () => {});
    if (body instanceof Uint8Array) request.end(body);
    // An early answer may end the connection before the body does.
    else await pipeline(body, request).catch(() => {});
    const [answer] = await answered;
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
  }

  /** A connection on which the test says every byte itself. */
  connect(): Socket {
    return connect(this.target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close(0).catch(() => {});
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.early?.(request, response) === true) return;
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const piece of request as AsyncIterable<Buffer>) {
        hash.update(piece);
        bytes += piece.byteLength;
      }
    } catch {
      return;
    }
    const { method = '', url = '', headers } = request;
    const received = { method, url, headers, sha256: hash.digest('hex'), bytes };
    this.received.push(received);
    this.behaviour(request, response, received);
  }
}

export interface PostOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly path?: string;
  readonly method?: string;
  readonly agent?: HttpAgent;
}

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Bytes that repeat after so many that no two pieces of a body look alike. */
export function someBytes(length: number): Buffer {
  const period = Buffer.from(Array.from({ length: 65_521 }, (_, index) => (index * index) % 251));
  return Buffer.alloc(length, period);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
