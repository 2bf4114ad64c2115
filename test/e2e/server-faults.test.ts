import { describe, it } from 'vitest';
import type { AgentStatus } from '../../src/domain/status.ts';
import type { Fault } from '../../src/emulator/faults.ts';
import { eventually } from '../support/eventually.ts';
import { Installation } from '../support/installation.ts';
import { describePart } from '../support/parts.ts';

/** Whatever a server or something before it answers: the token is served on, the secret is not given up, and it heals. */

interface Case {
  readonly name: string;
  readonly fault: Fault;
  /** Of `last_exchange` and of an alert. */
  readonly code: string;
  /** Whether nobody knows if the server took the exchange. */
  readonly inDoubt: boolean;
}

const cases: readonly Case[] = [
  {
    name: 'a gateway that answers 502',
    fault: { kind: 'status', status: 502, body: 'html' },
    code: 'IN_DOUBT',
    inDoubt: true,
  },
  {
    name: "a firewall's page with 403",
    fault: { kind: 'status', status: 403, body: 'firewall' },
    code: 'IN_DOUBT',
    inDoubt: true,
  },
  {
    name: 'a page with 200',
    fault: { kind: 'status', status: 200, body: 'html' },
    code: 'IN_DOUBT',
    inDoubt: true,
  },
  {
    name: 'an empty 200',
    fault: { kind: 'status', status: 200, body: 'empty' },
    code: 'IN_DOUBT',
    inDoubt: true,
  },
  {
    name: 'garbage with 200',
    fault: { kind: 'garbage', when: 'before-commit' },
    code: 'IN_DOUBT',
    inDoubt: true,
  },
  {
    name: 'a reset connection',
    fault: { kind: 'reset', when: 'before-commit' },
    code: 'IN_DOUBT',
    inDoubt: true,
  },
  {
    name: 'a 404 without a word',
    fault: { kind: 'status', status: 404, body: 'empty' },
    code: 'SERVER_MISCONFIGURED',
    inDoubt: false,
  },
  {
    name: 'a redirect',
    fault: { kind: 'redirect', location: 'https://127.0.0.1:1/' },
    code: 'SERVER_MISCONFIGURED',
    inDoubt: false,
  },
  {
    name: '429 without a time',
    fault: { kind: 'rate-limited' },
    code: 'SERVER_RATE_LIMITED',
    inDoubt: false,
  },
  {
    name: '429 with a time in seconds',
    fault: { kind: 'rate-limited', retryAfterSeconds: 2, retryAfterForm: 'seconds' },
    code: 'SERVER_RATE_LIMITED',
    inDoubt: false,
  },
  {
    name: '429 with a time as a date',
    fault: { kind: 'rate-limited', retryAfterSeconds: 2, retryAfterForm: 'date' },
    code: 'SERVER_RATE_LIMITED',
    inDoubt: false,
  },
];

/** Refreshes about every second by itself. */
const eager = { ttl: '1m', refresh: { at: 0.02, jitter: 0.005 }, exchange_deadline: '1s' };

// Side by side: they do little but wait.
describe.concurrent('a server that answers with', () => {
  it.for(cases)('$name', async ({ fault, code, inDoubt }, { expect }) => {
    await using site = await Installation.create({ config: { agent: eager } });
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    site.emulator.addFault({ endpoint: 'exchange', count: 'until-cleared', ...fault });

    const seen: AgentStatus[] = [];
    await eventually(
      async () => {
        seen.push(await site.client.status(site.agent));
        expect(seen.at(-1)).toMatchObject({
          state: 'degraded',
          token: { status: 'valid' },
          secret: { status: inDoubt ? 'in_doubt' : 'held' },
          last_exchange: { code },
          alerts: expect.arrayContaining([expect.objectContaining({ code, severity: 'warning' })]) as unknown,
        });
      },
      { withinMs: 20_000 },
    );
    const { generation } = seen.at(-1)!.secret;
    if (generation === 1) expect((await site.token()) === token).toBe(true);

    site.emulator.clearFaults();
    const { secret } = await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    expect(secret.generation).toBeGreaterThan(generation);
    expect(seen.map(({ state }) => state)).not.toContain('revoked');
    expect(daemon.events('state-changed').map(({ state }) => state)).not.toContain('revoked');
    expect(site.emulator.state()).toMatchObject({
      exchanges: { refused: 0 },
      secrets: { 'web-01': { spentSecretUses: 0 } },
    });
  });

  it('nothing, because it is not there', async ({ expect }) => {
    await using site = await Installation.create({ config: { agent: eager } });
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    await site.emulator.pause();
    const { alerts } = await site.reaches({ state: 'degraded', secret: { status: 'held' } });
    expect(alerts).toMatchObject([{ code: 'SERVER_UNREACHABLE', severity: 'warning' }]);
    await site.emulator.resume();
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
  });

  it('a wait that was asked for, which is obeyed', async ({ expect }) => {
    await using site = await Installation.create({ config: { agent: eager } });
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    site.emulator.addFault({ kind: 'rate-limited', endpoint: 'exchange', retryAfterSeconds: 3 });
    await site.reaches({ last_exchange: { code: 'SERVER_RATE_LIMITED' } });
    await site.reaches({ state: 'active', alerts: [] });
    const { last } = site.emulator.state().exchanges;
    expect(last.at(-1)).toMatchObject({ outcome: 'granted' });
    expect(last.at(-1)!.atMs - last.at(-2)!.atMs).toBeGreaterThan(3_000);
  });
});

describePart(['curl'], 'a first exchange that fails', () => {
  it('is tried again until there is a token', async ({ expect }) => {
    await using site = await Installation.create({ config: { agent: eager } });
    site.emulator.addFault({ kind: 'status', status: 404, body: 'empty', endpoint: 'exchange', count: 3 });
    await site.provision();
    site.run();
    await site.reaches({ state: 'acquiring', token: { status: 'none' }, secret: { status: 'pending' } });
    const { status, body } = await site.ask('/v1/agents/web-01/token');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
    expect(site.exchanges).toBe(4);
  });
});
