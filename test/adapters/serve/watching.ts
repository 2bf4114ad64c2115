import { join } from 'node:path';
import { expect } from 'vitest';
import type { WatchKind } from '../../../src/platform/metrics/serving-metrics.ts';
import type { Access } from '../../../src/serve/access.ts';
import type { Listener } from '../../../src/serve/listeners.ts';
import { unknownPeer } from '../../../src/serve/peer.ts';
import { createServer } from '../../../src/serve/server.ts';
import type { FakeAgent } from '../../fakes/fake-agent.ts';
import { eventually } from '../../support/eventually.ts';
import { EventClient } from './event-client.ts';
import { Serving, type Answer, type AskOptions } from './serving.ts';

export const tokenPath = '/v1/agents/web-01/token';
export const eventsPath = '/v1/agents/web-01/events';

/** A daemon whose agent has its first token, and clients that wait for the next. */
export class Watching implements AsyncDisposable {
  readonly daemon = new Serving();
  readonly agent: FakeAgent;
  readonly #resources = new AsyncDisposableStack();
  #listener: Listener | null = null;

  private constructor() {
    this.#resources.use(this.daemon);
    this.agent = this.daemon.agent();
    this.agent.publish('first', 600_000);
  }

  static async begin(): Promise<Watching> {
    const site = new Watching();
    site.#listener = await site.daemon.listen();
    return site;
  }

  /** Closes the listener; its clients get a minute that never passes. */
  async close(): Promise<void> {
    await this.#listener?.close(60_000);
  }

  async watchers(kind: WatchKind): Promise<number> {
    const { text } = await this.daemon.ask('/metrics');
    return Number(new RegExp(`^tokenward_watchers\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  /** Sends a request for a token, and resolves to its answer's promise when it waits. */
  async ask(query: string, options: AskOptions = {}): Promise<{ readonly answer: Promise<Answer> }> {
    const before = await this.watchers('wait');
    const answer = this.daemon.ask(`${tokenPath}?${query}`, options);
    await eventually(async () => expect(await this.watchers('wait')).toBe(before + 1));
    return { answer };
  }

  /** Opens a stream, and resolves when its beginning has come. */
  async open(lastEventId?: string): Promise<EventClient> {
    const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    const client = this.#resources.use(await EventClient.open(this.daemon.path, eventsPath, headers));
    await eventually(() => expect(client.text).toContain('retry: 2000\n\n'));
    return client;
  }

  /** Nothing is left of anybody who waited: no gauge, no subscription, no timer. */
  async nobodyWatches(): Promise<void> {
    await eventually(async () =>
      expect([await this.watchers('wait'), await this.watchers('events')]).toEqual([0, 0]),
    );
    expect([this.agent.listeners, this.daemon.clock.nextDueInMs()]).toEqual([0, null]);
  }

  /** Another listener with the same agents, whose callers may do what `access` says at the time. */
  listenFor(access: Access): { readonly socketPath: string } {
    const server = createServer(this.daemon.dependencies, {
      kind: 'unix',
      serves: ['api'],
      oauthClients: null,
      limits: { connections: 0, requestsPerSecond: 0 },
      identify: () => unknownPeer,
      accessOf: () => access,
      executableOf: () => null,
    });
    const socketPath = join(this.daemon.folder, 'other.sock');
    server.http.listen(socketPath);
    this.#resources.defer(() => this.daemon.cutOff(server.close(0)));
    return { socketPath };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
