import { beforeEach, describe, expect, it } from 'vitest';
import { TokenwardError } from '../../src/domain/errors.ts';
import { alertAt, AlertSite, TestChannel } from '../fakes/alert-site.ts';
import type { ManualClock } from '../fakes/manual-clock.ts';

let site: AlertSite;
let clock: ManualClock;
let pager: TestChannel;

beforeEach(() => {
  site = new AlertSite();
  ({ clock } = site);
  pager = new TestChannel();
});

describe('other channels after a reload', () => {
  it('fire nothing again that was told, and hear of its end', async () => {
    const router = await site.router([pager]);
    router.update('a', [alertAt()]);
    await clock.elapse(0);
    const successor = new TestChannel('pager');
    await router.useChannels([successor]);
    await clock.elapse(0);
    expect(successor.notices).toEqual([]);
    router.update('a', []);
    await clock.elapse(0);
    expect(successor.taken).toEqual(['a SECRET_REVOKED critical 00:00 resolved']);
  });

  it('take over what the one of their name could not deliver, at once', async () => {
    const router = await site.router([pager]);
    pager.state = 'down';
    router.update('a', [alertAt()]);
    await clock.elapse(10 * 60_000);
    const successor = new TestChannel('pager');
    await router.useChannels([successor]);
    await clock.elapse(0);
    expect(successor.notices).toHaveLength(1);
  });

  it('hear of what stands where they are new; those that are gone hear nothing more', async () => {
    const router = await site.router([pager]);
    router.update('a', [alertAt()]);
    await clock.elapse(0);
    const other = new TestChannel('other');
    await router.useChannels([other]);
    await clock.elapse(0);
    expect(other.taken).toEqual(['a SECRET_REVOKED critical 00:00 firing']);
    router.update('a', []);
    await clock.elapse(0);
    expect(other.notices).toHaveLength(2);
    expect(pager.notices).toHaveLength(1);
    expect([...site.waiting.keys()]).toEqual(['other']);
    expect(site.remembered).toContain('"episodes": []');
  });
});

describe('an alert of the daemon as a whole', () => {
  const wide = alertAt(0, 'warning', 'CONFIG_INVALID');

  it('is told once, however many agents say it; a record has them all', async () => {
    const record = new TestChannel('log', { isRecord: true });
    const router = await site.router([pager, record]);
    router.updateDaemon(wide);
    for (const agent of ['a', 'b']) router.update(agent, [wide]);
    for (const agent of ['a', 'b']) router.update(agent, []);
    router.updateDaemon(null);
    await clock.elapse(0);
    expect(pager.notices.map(({ agent, status }) => [agent, status])).toEqual([
      [null, 'firing'],
      [null, 'resolved'],
    ]);
    expect(record.notices.map(({ agent }) => agent)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('takes nothing from one of the same code that is an agent’s own', async () => {
    const router = await site.router([pager]);
    router.updateDaemon(wide);
    router.update('a', [wide, { ...wide, summary: 'tls.ca_file does not exist' }]);
    await clock.elapse(0);
    expect(pager.notices.map(({ agent }) => agent)).toEqual([null, 'a']);
  });

  it('is told by a standby that takes over with it', async () => {
    const router = site.standby(pager);
    router.updateDaemon(wide);
    await router.begin(['a']);
    await clock.elapse(0);
    expect(pager.notices.map(({ agent }) => agent)).toEqual([null]);
  });

  it('ends after a restart, which only a good configuration allows', async () => {
    const router = await site.router([pager]);
    router.updateDaemon(wide);
    await clock.elapse(0);
    await router.close(new AbortController().signal);
    await site.router([pager]);
    await clock.elapse(60_000);
    expect(pager.notices.at(-1)).toMatchObject({ agent: null, status: 'resolved' });
  });
});

describe('a receiver that forgets', () => {
  it('is told again every minute of all that it knows to stand, and no timer runs when nothing does', async () => {
    const manager = new TestChannel('manager', { repeats: true });
    const router = await site.router([manager]);
    expect(clock.nextDueInMs()).toBeNull();
    router.update('a', [alertAt(), alertAt(1, 'warning', 'FILE_TAMPERED')]);
    await clock.elapse(120_000);
    router.update('a', [alertAt()]);
    await clock.elapse(60_000);
    expect(manager.repeated).toEqual([
      ['SECRET_REVOKED', 'FILE_TAMPERED'],
      ['SECRET_REVOKED', 'FILE_TAMPERED'],
      ['SECRET_REVOKED'],
    ]);
    router.update('a', []);
    await clock.elapse(0);
    expect(clock.nextDueInMs()).toBeNull();
  });

  it('is told again after a restart, before the agent is known', async () => {
    const manager = new TestChannel('manager', { repeats: true });
    let router = await site.router([manager]);
    router.update('a', [alertAt()]);
    await clock.elapse(0);
    await router.close(new AbortController().signal);
    router = await site.router([manager]);
    router.update('a', [], false);
    await clock.elapse(60_000);
    expect(manager.repeated).toEqual([['SECRET_REVOKED']]);
    expect(manager.notices).toHaveLength(1);
  });

  it('that is down is tried again soon, and not told later what has ended', async () => {
    const manager = new TestChannel('manager', { repeats: true });
    const router = await site.router([manager]);
    router.update('a', [alertAt()]);
    await clock.elapse(59_000);
    manager.state = 'down';
    await clock.elapse(2_000);
    manager.state = 'up';
    await clock.elapse(5_000);
    expect(manager.repeated).toHaveLength(1);
    expect(site.log.events()).toEqual(['alert-channel-failed', 'alert-channel-works-again']);
  });
});

describe('a server that asks for patience', () => {
  it('is given it, within five minutes', async () => {
    const router = await site.router([pager]);
    pager.state = 'down';
    pager.failure = new TokenwardError('SERVER_RATE_LIMITED', 'too many', { retryAfterMs: 3_600_000 });
    router.update('a', [alertAt()]);
    await clock.elapse(299_000);
    expect(pager.tries).toBe(1);
    await clock.elapse(1_000);
    expect(pager.tries).toBe(2);
    expect(site.outcomes).toEqual(['failed', 'failed']);
    expect(site.waiting.get('pager')).toBe(1);
  });
});
