import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Installation, type ConfigOverrides } from '../../support/installation.ts';

/** Clients while the configuration is reloaded, again and again. */

/** A client that keeps its connection, and notices when it is cut. */
class SteadyClient implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #socketPath: string;
  readonly sockets = new Set<unknown>();

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  ask(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
    const asked = request({ socketPath: this.#socketPath, path, agent: this.#agent }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked
      .on('socket', (socket) => this.sockets.add(socket))
      .on('error', reject)
      .end();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

const self = process.geteuid?.();

describe('clients', () => {
  it('keep their connection, and its rights are those of now', async () => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    using client = new SteadyClient(site.socketPath);
    expect((await client.ask('/v1/agents/web-01/token')).status).toBe(200);
    const rules: readonly [ConfigOverrides, number][] = [
      [{ socket: { allow: [{ user: self, may: ['status', 'admin'] }] } }, 403],
      [{ listeners: [{ tcp: '127.0.0.1:0', serves: ['health'] }] }, 200],
      [{ agents: { 'web-02': {} } }, 200],
      [{ socket: { mode: '0600' } }, 200],
    ];
    for (const [round, [config, status]] of rules.entries()) {
      await site.configure(config);
      daemon.signal('SIGHUP');
      await eventually(() => expect(daemon.events('config-reloaded')).toHaveLength(round + 1), {
        withinMs: 20_000,
      });
      expect((await client.ask('/v1/agents/web-01/token')).status).toBe(status);
    }
    expect(client.sockets.size).toBe(1);
  });
});

describe('a thousand signals in ten seconds', () => {
  it('are harmless: nobody is disconnected, nothing is exchanged, nothing grows', async () => {
    await using site = await Installation.create({ config: { agents: { 'web-02': {} } } });
    for (const agent of ['web-01', 'web-02']) await site.provision(agent);
    const daemon = site.run();
    for (const agent of ['web-01', 'web-02']) await site.reaches({ state: 'active' }, { agent });
    using client = new SteadyClient(site.socketPath);
    const statuses: number[] = [];
    for (let signal = 0; signal < 1000; signal += 1) {
      daemon.signal('SIGHUP');
      if (signal % 10 === 0) statuses.push((await client.ask('/v1/agents/web-01/token')).status);
      await after(10);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(client.sockets.size).toBe(1);
    await site.configure({ agents: { 'web-02': { ttl: '2m' } } });
    daemon.signal('SIGHUP');
    await daemon.logged('config-reloaded', { changed: ['web-02'] });
    expect(site.exchanges).toBe(2);
    // two a second, and none for each signal
    expect(daemon.events('config-unchanged').length).toBeLessThan(60);
    await site.client.refresh('web-02');
    expect((await site.client.status('web-02')).token.expires_in).toBeLessThanOrEqual(120);
  });
});
