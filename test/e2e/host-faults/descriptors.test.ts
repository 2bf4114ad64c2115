import { describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../../src/domain/status.ts';
import {
  KeptConnection,
  limitDescriptors,
  openDescriptors,
  KeepingClients,
} from '../../support/descriptors.ts';
import { eventually } from '../../support/eventually.ts';
import { isServed, nothingWasSpentTwice, troubleIsOver } from '../../support/host-trouble.ts';
import { Installation } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';

/** A daemon that may open no more files and connections. Whoever has a connection is served; a new one is not to be had. */

/** More than any step needs. */
const plenty = 4_096;

/** A daemon at rest with its first token and its watches, and a client with a connection of old. */
async function running(through?: readonly string[]) {
  await using making = new AsyncDisposableStack();
  const site = making.use(await Installation.create());
  await site.provision();
  const daemon = site.run({ through });
  await daemon.logged('state-changed', { state: 'active' });
  const client = making.use(new KeptConnection(site.socketPath));
  const paths = { status: `/v1/agents/${site.agent}`, token: `/v1/agents/${site.agent}/token` };
  await client.ask('GET', paths.status);
  const resources = making.move();
  const status = async () => (await client.ask('GET', paths.status)).body as AgentStatus;
  return { site, daemon, client, paths, status, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

describe('a running daemon whose descriptors clients have used up', () => {
  it('serves those who are connected, sends nothing, and goes on when the clients go', async () => {
    await using site = await running();
    const { site: installation, daemon, client, paths, status } = site;
    await limitDescriptors(daemon.pid, (await openDescriptors(daemon.pid)) + 10);
    const eaters = new KeepingClients(installation.socketPath);
    await eaters.takeAllPlaces();

    const told = /\(EMFILE\).*close connections that clients keep, or raise LimitNOFILE/;
    expect(await client.ask('POST', `${paths.status}/refresh`)).toMatchObject({
      status: 503,
      body: { code: 'STORE_UNAVAILABLE', detail: matching(told) },
    });
    expect(await status()).toMatchObject({
      state: 'degraded',
      token: { status: 'valid' },
      secret: { status: 'unreachable' },
      alerts: [{ code: 'STORE_UNAVAILABLE', severity: 'warning', summary: matching(told) }],
    });
    await daemon.logged('alert-firing', { code: 'STORE_UNAVAILABLE' });
    expect(await client.ask('GET', paths.token)).toMatchObject({ status: 200, body: { sequence: 1 } });
    expect(await installation.cli(['token', installation.agent])).toMatchObject({ exitCode: 69, stdout: '' });
    expect(installation.exchanges).toBe(1);

    eaters[Symbol.dispose]();
    await troubleIsOver(installation, 1);
    await isServed(installation, 1);
    await installation.client.refresh(installation.agent);
    await troubleIsOver(installation, 2);
  });

  it('keeps an answer that it cannot write in memory, and saves it as soon as it can', async () => {
    await using site = await running();
    const { site: installation, daemon, client, paths, status } = site;
    installation.emulator.addFault({
      kind: 'latency',
      endpoint: 'exchange',
      when: 'after-commit',
      latencyMs: 500,
    });
    void installation.client.refresh(installation.agent).catch(() => {});
    await eventually(() => expect(installation.emulator.state().exchanges.granted).toBe(2));
    await limitDescriptors(daemon.pid, 16);
    await daemon.logged('raw-not-saved', { detail: matching('EMFILE') });
    await eventually(async () =>
      expect(await status()).toMatchObject({
        state: 'degraded',
        token: { status: 'valid', sequence: 2 },
        secret: { status: 'memory_only', persisted: false },
        alerts: [
          { code: 'SECRET_NOT_PERSISTED', severity: 'critical', summary: matching(/do not stop the daemon/) },
          { code: 'OUTPUT_FAILED', severity: 'warning', summary: matching(/raise LimitNOFILE/) },
        ],
      }),
    );
    expect(await client.ask('GET', paths.token)).toMatchObject({ status: 200, body: { sequence: 2 } });
    await eventually(() => expect(daemon.events('save-failed').length).toBeGreaterThan(1));
    expect(installation.exchanges).toBe(2);

    await limitDescriptors(daemon.pid, plenty);
    await troubleIsOver(installation, 2);
    await isServed(installation, 2);
    expect(installation.exchanges).toBe(2);
    await installation.client.refresh(installation.agent);
    nothingWasSpentTwice(installation, 3);
  });
});

describe('a daemon started with few descriptors', () => {
  it('leaves clients no more than it can spare, so that rotation goes on under any number of them', async () => {
    await using site = await running(['prlimit', '--nofile=64:64', '--']);
    const { site: installation, daemon, client, paths } = site;
    using clients = new KeepingClients(installation.socketPath);
    expect(await clients.takeAllPlaces()).toBeGreaterThan(5);
    await daemon.logged('connections-refused', { advice: matching('raise LimitNOFILE') });
    expect(await installation.cli(['token', installation.agent])).toMatchObject({
      exitCode: 75,
      stdout: '',
      stderr: matching(/limit of file descriptors.*\(RATE_LIMITED\)/),
    });

    expect(await client.ask('POST', `${paths.status}/refresh`)).toMatchObject({
      status: 200,
      body: { state: 'active', token: { sequence: 2 }, alerts: [] },
    });
    clients[Symbol.dispose]();
    await eventually(() => isServed(installation, 2));
    nothingWasSpentTwice(installation, 2);
  });
});
