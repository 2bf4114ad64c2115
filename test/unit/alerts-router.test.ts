import { beforeEach, describe, expect, it } from 'vitest';
import type { AlertRouter } from '../../src/alerts/router.ts';
import { TokenwardError } from '../../src/domain/errors.ts';
import { alertAt as revoked, AlertSite, TestChannel } from '../fakes/alert-site.ts';
import type { ManualClock } from '../fakes/manual-clock.ts';
import type { MemoryLog } from '../fakes/memory-log.ts';

const never = new AbortController().signal;

let site: AlertSite;
let clock: ManualClock;
let log: MemoryLog;
let channel: TestChannel;
let router: AlertRouter;

beforeEach(async () => {
  site = new AlertSite();
  ({ clock, log } = site);
  channel = new TestChannel();
  router = await site.router([channel]);
});

describe('episodes', () => {
  it('are told once when they begin and once when they end', async () => {
    for (let looks = 0; looks < 3; looks += 1) router.update('web-01', [revoked()]);
    for (let looks = 0; looks < 3; looks += 1) router.update('web-01', []);
    await clock.elapse(0);
    expect(channel.taken).toEqual([
      'web-01 SECRET_REVOKED critical 00:00 firing',
      'web-01 SECRET_REVOKED critical 00:00 resolved',
    ]);
  });

  it('are kept apart by agent', async () => {
    router.update('a', [revoked()]);
    router.update('b', []);
    router.update('b', [revoked(1)]);
    router.update('a', []);
    await clock.elapse(0);
    expect(channel.taken).toEqual([
      'a SECRET_REVOKED critical 00:00 firing',
      'b SECRET_REVOKED critical 00:01 firing',
      'a SECRET_REVOKED critical 00:00 resolved',
    ]);
  });

  it('end with the words with which they began', async () => {
    router.update('a', [revoked()]);
    router.update('a', [{ ...revoked(), since: '2026-01-01T09:00:00.000Z' }]);
    router.update('a', []);
    await clock.elapse(0);
    expect(channel.taken.at(-1)).toBe('a SECRET_REVOKED critical 00:00 resolved');
  });

  it('that become worse are told anew as the same alert, the end of the milder one first', async () => {
    router.update('a', [revoked(0, 'warning'), revoked(5, 'warning')]);
    router.update('a', [revoked(1, 'critical'), revoked(5, 'warning')]);
    router.update('a', [revoked(5, 'warning')]);
    await clock.elapse(0);
    const { notices } = channel;
    expect(
      notices.map(({ status, severity, ordinal, superseded }) => [status, severity, ordinal, superseded]),
    ).toEqual([
      ['firing', 'warning', 1, false],
      ['firing', 'warning', 2, false],
      ['resolved', 'warning', 1, true],
      ['firing', 'critical', 1, false],
      ['resolved', 'critical', 1, false],
    ]);
    expect(notices.map(({ endedAt }) => endedAt !== null)).toEqual([false, false, true, false, true]);
  });

  it('that become worse are not damped, however often', async () => {
    for (const severity of ['warning', 'critical', 'warning', 'critical', 'warning'] as const)
      router.update('a', [revoked(0, severity)]);
    await clock.elapse(0);
    expect(channel.notices.filter(({ status }) => status === 'firing')).toHaveLength(5);
  });

  it('that become worse are told so to those who have heard of the milder one', async () => {
    router.update('a', [revoked(0, 'warning')]);
    router.update('a', [revoked(1, 'critical')]);
    await clock.elapse(0);
    expect(channel.taken).toEqual([
      'a SECRET_REVOKED warning 00:00 firing',
      'a SECRET_REVOKED warning 00:00 resolved',
      'a SECRET_REVOKED critical 00:01 firing',
    ]);
  });
});

describe('a channel that is down', () => {
  it('gets everything in order when it is up again, and nothing twice', async () => {
    channel.state = 'down';
    router.update('a', [revoked(0)]);
    await clock.elapse(5 * 60_000);
    router.update('a', []);
    router.update('a', [revoked(1)]);
    channel.state = 'up';
    await clock.elapse(60_000);
    expect(channel.taken).toEqual([
      'a SECRET_REVOKED critical 00:00 firing',
      'a SECRET_REVOKED critical 00:00 resolved',
      'a SECRET_REVOKED critical 00:01 firing',
    ]);
    expect(log.events()).toEqual(['alert-channel-failed', 'alert-channel-works-again']);
  });

  it('is not tried more often because more is pending', async () => {
    channel.state = 'down';
    router.update('a', [revoked()]);
    await clock.elapse(10 * 60_000);
    const { tries } = channel;
    for (let minute = 1; minute < 50; minute += 1) router.update('a', [revoked(minute)]);
    await clock.elapse(0);
    expect(channel.tries).toBe(tries);
    expect(tries).toBeLessThan(60);
  });

  it('delays no other', async () => {
    const other = new TestChannel('other');
    channel.state = 'hanging';
    router = await site.router([channel, other]);
    router.update('a', [revoked()]);
    await clock.elapse(0);
    expect(other.taken).toHaveLength(1);
  });

  it('is given up after half a minute of silence, and tried again', async () => {
    channel.state = 'hanging';
    router.update('a', [revoked()]);
    await clock.elapse(29_000);
    expect(channel.tries).toBe(1);
    channel.state = 'up';
    await clock.elapse(2_000);
    expect(channel.taken).toHaveLength(1);
  });

  it('keeps a bounded number of notices: episodes that are over go untold, what stands never', async () => {
    channel.state = 'down';
    router.update('standing', [revoked(0)]);
    for (let minute = 0; minute < 60; minute += 1) {
      for (const agent of ['a', 'b', 'c', 'd', 'e']) {
        router.update(agent + minute, [revoked(minute)]);
        router.update(agent + minute, []);
      }
    }
    router.update('standing-too', [revoked(0)]);
    channel.state = 'up';
    await clock.elapse(60_000);
    expect(channel.taken.length).toBeLessThanOrEqual(257);
    expect(channel.taken).toContain('standing SECRET_REVOKED critical 00:00 firing');
    expect(channel.taken.at(-1)).toBe('standing-too SECRET_REVOKED critical 00:00 firing');
    expect(channel.taken).toContain('e59 SECRET_REVOKED critical 00:59 resolved');
    const count = (status: string): number => channel.taken.filter((line) => line.endsWith(status)).length;
    expect(count('firing') - count('resolved')).toBe(2);
    expect(log.events()).toContain('alert-episode-dropped');
  });

  it.each([
    [new TokenwardError('OUTPUT_FAILED', 'channel down'), { code: 'OUTPUT_FAILED', reason: 'channel down' }],
    [new TypeError('https://hooks.example.com/secret-path'), { reason: 'TypeError' }],
  ])('is logged without the text of foreign errors: %s', async (failure, fields) => {
    channel.state = 'down';
    channel.failure = failure;
    router.update('a', [revoked()]);
    await clock.elapse(0);
    expect(log.lines).toEqual([
      { level: 'warn', event: 'alert-channel-failed', fields: { channel: 'pager', ...fields } },
    ]);
  });
});

describe('closing', () => {
  it('delivers what is pending, then takes no more', async () => {
    router.update('a', [revoked()]);
    await router.close(never);
    router.update('a', []);
    await clock.elapse(60_000);
    expect(channel.taken).toEqual(['a SECRET_REVOKED critical 00:00 firing']);
  });

  it('tries a channel that is down once more, and says what is lost', async () => {
    channel.state = 'down';
    router.update('a', [revoked()]);
    await clock.elapse(0);
    await router.close(never);
    expect(channel.tries).toBe(2);
    expect(log.lines.at(-1)).toEqual({
      level: 'warn',
      event: 'alerts-undelivered',
      fields: { channel: 'pager', count: 1 },
    });
    expect(clock.nextDueInMs()).toBeNull();
  });

  it('does not wait past its deadline', async () => {
    channel.state = 'hanging';
    router.update('a', [revoked()]);
    const deadline = new AbortController();
    const closed = router.close(deadline.signal);
    deadline.abort();
    await closed;
    expect(log.events()).toContain('alerts-undelivered');
  });
});
