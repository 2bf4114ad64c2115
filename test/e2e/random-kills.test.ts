import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { Installation } from '../support/installation.ts';

/**
 * SIGKILL at any moment of a rotation, again and again. The server honours a secret until the next one is used, so that only
 * tokenward could lose it.
 */

/** A rotation takes a few hundredths of a second here. */
const withinMs = 60;
const rounds = 30;

describe('a daemon that is killed in the middle of a rotation', () => {
  it(`loses nothing in ${rounds} rounds`, async () => {
    const random = new SeededRandom(20_261_122);
    await using site = await Installation.create({
      emulator: { policy: 'until-first-use' },
      config: { agent: { exchange_deadline: '1s' } },
    });
    await site.provision();
    let interrupted = 0;
    let acknowledged = 0;
    for (const _ of Array(rounds).keys()) {
      await using daemon = site.run();
      const before = await site.reaches({ state: 'active' });
      expect(before.secret.generation).toBeGreaterThanOrEqual(acknowledged);
      const refreshed = site.client.refresh(site.agent).catch(() => null);
      await pause(random.below(withinMs));
      await daemon.end('SIGKILL');
      const after = await refreshed;
      if (after === null) interrupted += 1;
      else acknowledged = after.secret.generation;
    }

    site.run();
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    await site.tokenFileHolds(await site.token());
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    // else nothing was tried here
    expect(interrupted).toBeGreaterThan(rounds / 4);
    expect(site.emulator.state()).toMatchObject({
      exchanges: { refused: 0, invalid: 0, unknownSecretUses: 0 },
      secrets: { 'web-01': { status: 'ACTIVE', spentSecretUses: 0 } },
    });
  });
});
