import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Installation } from '../support/installation.ts';
import { matching } from '../support/matching.ts';

/** What a crash may cost: nothing. */

describe('restarts', () => {
  it(
    'a hundred inside one TTL, half of them by SIGKILL, cause no exchange',
    { timeout: 300_000 },
    async () => {
      await using site = await Installation.create();
      await site.provision();
      const first = site.run();
      await site.reaches({ state: 'active' });
      const token = await site.token();
      await first.end('SIGKILL');

      for (const round of Array(100).keys()) {
        await using daemon = site.run();
        // not toBe, which would print both
        await eventually(async () => expect((await site.token()) === token).toBe(true), { withinMs: 20_000 });
        if (round % 2 === 0) expect((await daemon.end('SIGTERM')).exitCode).toBe(0);
        else await daemon.end('SIGKILL');
      }

      expect(site.emulator.state().exchanges).toMatchObject({ total: 1, granted: 1 });
      site.run();
      await site.reaches({ state: 'active', token: { sequence: 1 }, secret: { generation: 1 } });
      await site.tokenFileHolds(token);
    },
  );

  it.each([
    ['the usual six exchanges a minute, waited for', { max_exchanges_per_minute: 6 }, ['--wait']],
    ['as many exchanges as one likes', { max_exchanges_per_minute: 6000 }, []],
  ])('keep every rotation: %s', async (_, agent, patience) => {
    await using site = await Installation.create({ config: { agent } });
    const refresh = async () => {
      const { exitCode, stderr } = await site.cli(['refresh', site.agent, ...patience]);
      expect(exitCode, stderr).toBe(0);
    };
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    for (const generation of [2, 3, 4, 5, 6]) {
      await refresh();
      await site.reaches({ secret: { generation } });
    }

    await daemon.end('SIGKILL');
    await rm(join(site.stateDir, 'agents', site.agent, 'session.sealed'));
    site.run();
    await site.reaches({ state: 'active' });
    await refresh();

    const { secret } = await site.reaches({ state: 'active', alerts: [] });
    expect(secret.generation).toBeGreaterThanOrEqual(7);
    expect(site.emulator.state()).toMatchObject({
      policy: 'strict',
      exchanges: { refused: 0, invalid: 0 },
      secrets: { 'web-01': { generation: secret.generation, spentSecretUses: 0 } },
    });
  });

  it('a refresh beyond the limit is told when to come back, and a restart does not fill the bucket', async () => {
    await using site = await Installation.create({ config: { agent: { max_exchanges_per_minute: 1 } } });
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    const tooEarly = {
      exitCode: 75,
      stderr: matching(/\(RATE_LIMITED\)\ntokenward: try again in \d+/),
    };
    expect(await site.cli(['refresh', site.agent])).toMatchObject(tooEarly);

    await daemon.end('SIGKILL');
    site.run();
    await site.reaches({ state: 'active' });
    expect(await site.cli(['refresh', site.agent])).toMatchObject(tooEarly);
    expect(site.exchanges).toBe(1);
  });
});
