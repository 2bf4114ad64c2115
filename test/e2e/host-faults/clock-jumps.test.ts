import { expect, it } from 'vitest';
import type { AgentStatus } from '../../../src/domain/status.ts';
import { FakeTime } from '../../support/fake-time.ts';
import { isServed, nothingWasSpentTwice } from '../../support/host-trouble.ts';
import { Installation } from '../../support/installation.ts';
import { describePart } from '../../support/parts.ts';

/**
 * Somebody sets the wall clock by an hour, which is twice the life of the token. Its life counts on a clock that nobody can
 * set, so nothing happens but that the moments that are told follow the wall clock.
 */

const hour = 3_600;

const jumps = [
  ['forward', hour],
  ['back', -hour],
] as const;

async function running() {
  const site = await Installation.create();
  const time = await FakeTime.in(site.folder, { moves: 'wall' });
  await site.provision();
  const env = { ...site.env, ...time.env };
  const daemon = site.run({ env });
  await daemon.logged('state-changed', { state: 'active' });
  return { site, time, env, daemon };
}

/** The same token with the same life left, at a wall clock that is so many seconds away. */
async function isUnmoved(site: Installation, before: AgentStatus, offset: number): Promise<void> {
  const after = await site.client.status(site.agent);
  const { token } = before;
  expect(after).toMatchObject({
    state: 'active',
    token: { status: 'valid', sequence: token.sequence },
    alerts: [],
  });
  const aged = (token.expires_in ?? 0) - (after.token.expires_in ?? 0);
  expect(aged).toBeGreaterThanOrEqual(0);
  expect(aged).toBeLessThan(30);
  expect(secondsBetween(token.expires_at, after.token.expires_at)).toBeCloseTo(offset, -1);
  expect(secondsBetween(before.next_refresh_at, after.next_refresh_at)).toBeCloseTo(offset, -1);
  await isServed(site, token.sequence);
  expect(site.exchanges).toBe(token.sequence);
}

function secondsBetween(earlier: string | null, later: string | null): number {
  return (Date.parse(later ?? '') - Date.parse(earlier ?? '')) / 1_000;
}

describePart(['faketime'], 'a wall clock that jumps by an hour', () => {
  it.each(jumps)('%s, and back again, changes nothing for a running daemon', async (_way, offset) => {
    const { site, time, daemon } = await running();
    await using _ = site;
    const before = await site.client.status(site.agent);
    await time.set(offset);
    await isUnmoved(site, before, offset);
    await site.client.refresh(site.agent);
    nothingWasSpentTwice(site, 2);

    const there = await site.client.status(site.agent);
    await time.set(0);
    await isUnmoved(site, there, -offset);
    await site.client.refresh(site.agent);
    nothingWasSpentTwice(site, 3);
    expect(daemon.events('alert-firing')).toEqual([]);
  });

  it.each(jumps)('%s between two lives of the daemon in one boot costs no exchange', async (_way, offset) => {
    const { site, time, env, daemon } = await running();
    await using _ = site;
    const before = await site.client.status(site.agent);
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    await time.set(offset);
    await site.run({ env }).started();
    await isUnmoved(site, before, offset);
    await site.client.refresh(site.agent);
    nothingWasSpentTwice(site, 2);
  });
});
