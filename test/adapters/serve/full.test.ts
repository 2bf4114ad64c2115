import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';

/** A listener that has as many connections as the process can spare. */

const health = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

/** One client has the only place. */
async function fullDaemon() {
  const daemon = new Serving();
  await daemon.listen({ limits: { connections: 0, requestsPerSecond: 0, allConnections: 1 } });
  const first = new RawClient(daemon.path);
  await first.send(health);
  await first.responses(1);
  return { daemon, first };
}

describe('a listener without a place', () => {
  it('tells a client that has asked, and has a place again when one goes', async () => {
    const { daemon, first } = await fullDaemon();
    await using _ = daemon;
    const { status, headers, json } = await daemon.ask('/healthz');
    expect([status, headers['retry-after'], json?.['code']]).toEqual([429, '1', 'RATE_LIMITED']);
    expect(json?.['detail']).toMatch(/limit of file descriptors.*raise LimitNOFILE/);
    await first.send(health);
    expect(await first.responses(1)).toMatch(/^HTTP\/1.1 200/);
    first[Symbol.dispose]();
    await eventually(async () => expect(await daemon.ask('/healthz')).toMatchObject({ status: 200 }));
  });

  it('counts a storm of clients in place of filling the log', async () => {
    const { daemon } = await fullDaemon();
    await using _ = daemon;
    const refusals = () => daemon.log.events().filter((event) => event === 'connections-refused').length;
    for (let clients = 0; clients < 15; clients++) await daemon.ask('/healthz');
    expect(refusals()).toBe(10);
    expect(await daemon.metrics.render()).toContain(
      'tokenward_connections_refused_total{listener="unix",reason="full"} 15\n',
    );
    daemon.clock.advance(60_000);
    expect(daemon.log.lines.at(-1)).toEqual({
      level: 'warn',
      event: 'log-suppressed',
      fields: { event_suppressed: 'connections-refused', count: 5 },
    });
    await daemon.ask('/healthz');
    expect(refusals()).toBe(11);
  });

  it('keeps few of those who say nothing, and not for long', async () => {
    const { daemon } = await fullDaemon();
    await using _ = daemon;
    const clients: Socket[] = [];
    const ended: Socket[] = [];
    while (clients.length < 50) {
      const socket = connect(daemon.path).on('error', () => {});
      clients.push(socket);
      socket.resume().once('close', () => ended.push(socket));
    }
    await eventually(() => expect(ended.length).toBe(50));
  });
});
