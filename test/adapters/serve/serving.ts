import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  request,
  type Agent as HttpAgent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { limitLog } from '../../../src/platform/limited-log.ts';
import { createMetrics, type Metrics } from '../../../src/platform/metrics.ts';
import { loadNative } from '../../../src/platform/native.ts';
import type { AllowRule } from '../../../src/serve/access.ts';
import type { ServeDependencies } from '../../../src/serve/dependencies.ts';
import {
  listenUnix,
  type Listener,
  type UnixListener,
  type UnixListenerOptions,
} from '../../../src/serve/listeners.ts';
import { FakeAgent } from '../../fakes/fake-agent.ts';
import { FakeKeyKeeper } from '../../fakes/fake-key-keeper.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import type { Exchange } from '../../support/api/exchange.ts';
import { noteAnswer } from '../../support/api/witness.ts';
import { eventually } from '../../support/eventually.ts';

/** Everybody in the tests runs as the tests do, unless a test says otherwise. */
const allowSelf: readonly AllowRule[] = [
  { user: process.geteuid?.() ?? -1, may: ['token', 'status', 'admin'] },
];

/** The daemon around a listener: agents that the test plays, a clock that it moves, a real socket in a folder of its own. */
export class Serving implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tokenward-serve-'));
  readonly path = join(this.folder, 'tokenward.sock');
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly limitedLog = limitLog(this.log, this.clock);
  readonly metrics: Metrics = createMetrics({ version: 'test', clock: this.clock, agents: () => [] });
  readonly agents = new Map<string, FakeAgent>();
  readonly keys = new FakeKeyKeeper();
  /** What the daemon reads where it is asked for its description. */
  description = (): Promise<string> => readFile(join(import.meta.dirname, '../../../openapi.json'), 'utf8');
  readonly #listeners: Listener[] = [];

  get dependencies(): ServeDependencies {
    const { clock, limitedLog: log, metrics, keys } = this;
    const description = () => this.description();
    return { agents: () => this.agents, clock, log, metrics, keys, description, giveMemoryBack: () => {} };
  }

  agent(name = 'web-01'): FakeAgent {
    const agent = new FakeAgent(name, this.clock);
    this.agents.set(name, agent);
    return agent;
  }

  async listen(options: Partial<UnixListenerOptions> = {}): Promise<UnixListener> {
    const listener = await listenUnix(this.dependencies, {
      path: this.path,
      mode: 0o600,
      user: null,
      group: null,
      peerLookup: await loadNative(),
      allow: allowSelf,
      limits: { connections: 0, requestsPerSecond: 0 },
      ...options,
    });
    this.#listeners.push(listener);
    return listener;
  }

  /** Sends one request on a connection of its own. */
  ask(path: string, options: AskOptions = {}): Promise<Answer> {
    return ask({ socketPath: this.path }, path, options);
  }

  connect(): Socket {
    return connect(this.path);
  }

  /** Lets the deadline of a closing listener come, as often as it takes. */
  async cutOff(closing: Promise<void>): Promise<void> {
    let isClosed = false;
    void closing.finally(() => (isClosed = true));
    await eventually(() => {
      this.clock.advance(0);
      expect(isClosed).toBe(true);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) await this.cutOff(listener.close(0));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: HttpAgent;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** null where the body is not JSON. */
  readonly json: Readonly<Record<string, unknown>> | null;
}

type Place = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export function ask(place: Place, path: string, { body, ...options }: AskOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request({ ...place, path, ...options }, (response) => {
    const { statusCode = 0, headers } = response;
    text(response)
      .then((content) => {
        const json = headers['content-type']?.includes('json') === true ? parse(content) : null;
        // over a socket, the answer is noted by the watch on node:http
        if ('host' in place) noteAnswer(exchangeOf(outgoing, response, content));
        return resolve({ status: statusCode, headers, text: content, json });
      })
      .catch(reject);
  });
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

function exchangeOf(asked: ClientRequest, { statusCode, headers }: IncomingMessage, body: string): Exchange {
  const { method, path: target } = asked;
  return {
    method,
    target,
    status: statusCode ?? 0,
    headers: headers as Record<string, string>,
    body,
    whole: true,
  };
}

/** null for an empty text, as the answer to HEAD has. */
function parse(content: string): Readonly<Record<string, unknown>> | null {
  return content === '' ? null : (JSON.parse(content) as Readonly<Record<string, unknown>>);
}
