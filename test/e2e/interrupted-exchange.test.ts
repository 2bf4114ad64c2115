import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Installation, type InstallationOptions } from '../support/installation.ts';
import { matching } from '../support/matching.ts';

/** The gap between the server's commit and our save, with a SIGKILL in the middle of it. */

/** A running daemon with its first token. */
async function running(options: InstallationOptions = {}) {
  const site = await Installation.create({ config: { agent: { exchange_deadline: '2s' } }, ...options });
  await site.provision();
  const daemon = site.run();
  await site.reaches({ state: 'active', secret: { generation: 1 } });
  return { site, daemon };
}

/** Asks for a refresh and resolves when the request is at the server; what becomes of the asker is of no interest. */
async function exchangeUnderWay(site: Installation): Promise<void> {
  const before = site.exchanges;
  void site.cli(['refresh', site.agent]);
  await eventually(() => expect(site.exchanges).toBe(before + 1), { withinMs: 20_000 });
}

describe('SIGKILL between the commit of the server and its answer', () => {
  it('is mended by a replay where the old secret works until the new one is used', async () => {
    const { site, daemon } = await running();
    await using _ = site;
    site.emulator.setPolicy('until-first-use');
    site.emulator.addFault({ kind: 'hang', endpoint: 'exchange', when: 'after-commit' });
    await exchangeUnderWay(site);
    await eventually(() => expect(site.emulator.state().exchanges.granted).toBe(2));
    await daemon.end('SIGKILL');

    const next = site.run();
    await next.logged('doubt-found');
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 2 }, alerts: [] });
    expect(site.emulator.state().exchanges).toMatchObject({ total: 3, granted: 3, refused: 0 });
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { generation: 3 } });
  });

  it('costs the secret where the server is strict: that is said, and the token is served on', async () => {
    const { site, daemon } = await running();
    await using _ = site;
    const token = await site.token();
    site.emulator.addFault({ kind: 'hang', endpoint: 'exchange', when: 'after-commit' });
    await exchangeUnderWay(site);
    await eventually(() => expect(site.emulator.state().exchanges.granted).toBe(2));
    await daemon.end('SIGKILL');

    site.run();
    await site.reaches({
      state: 'lost',
      token: { status: 'valid', sequence: 1 },
      secret: { status: 'lost' },
      alerts: [
        {
          code: 'SECRET_LOST_IN_FLIGHT',
          severity: 'critical',
          summary: matching(/the token is served until .*; run `tokenward enroll web-01`/),
        },
      ],
    });
    expect((await site.token()) === token).toBe(true);
    await site.tokenFileHolds(token);
    expect(await site.cli(['refresh', site.agent])).toMatchObject({
      exitCode: 77,
      stderr: matching('SECRET_LOST_IN_FLIGHT'),
    });
  });

  it('is over when the agent is enrolled anew', async () => {
    const { site, daemon } = await running();
    await using _ = site;
    site.emulator.addFault({ kind: 'hang', endpoint: 'exchange', when: 'after-commit' });
    await exchangeUnderWay(site);
    await eventually(() => expect(site.emulator.state().exchanges.granted).toBe(2));
    await daemon.end('SIGKILL');
    site.run();
    await site.reaches({ state: 'lost' });

    site.emulator.revoke(site.agent);
    await site.provision();
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 2 }, alerts: [] });
  });
});
