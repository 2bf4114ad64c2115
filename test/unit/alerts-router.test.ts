import { beforeEach, describe, expect, it } from 'vitest';
import { AlertRouter } from '../../src/alerts/router.ts';
import { TokenwardError } from '../../src/domain/errors.ts';
import type { AlertStatus } from '../../src/domain/status.ts';
import type { AlertChannel, AlertNotice } from '../../src/ports/alert-channel.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { MemoryLog } from '../fakes/memory-log.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';

/** A channel that takes notices, refuses them, or hangs until it is told to give up. */
class TestChannel implements AlertChannel {
  readonly name: string;
  readonly taken: string[] = [];
  tries = 0;
  state: 'up' | 'down' | 'hanging' = 'up';
  failure: Error = new TokenwardError('OUTPUT_FAILED', 'channel down');

  constructor(name = 'pager') {
    this.name = name;
  }

  async deliver({ agent, code, severity, status, since }: AlertNotice, signal: AbortSignal): Promise<void> {
    this.tries += 1;
    if (this.state === 'hanging') {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('gave up')));
      });
    }
    if (this.state === 'down') throw this.failure;
    this.taken.push([agent, code, severity, since.slice(11, 16), status].join(' '));
  }
}

const never = new AbortController().signal;

let clock: ManualClock;
let log: MemoryLog;
let channel: TestChannel;
let router: AlertRouter;

beforeEach(() => {
  [clock, log, channel] = [new ManualClock(), new MemoryLog(), new TestChannel()];
  router = routerTo(channel);
});

function routerTo(...channels: AlertChannel[]): AlertRouter {
  return new AlertRouter(channels, { clock, random: new SeededRandom(1), log });
}

/** `minute` tells episodes apart. */
function revoked(minute = 0, severity: AlertStatus['severity'] = 'critical'): AlertStatus {
  const since = `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
  return { code: 'SECRET_REVOKED', severity, since, summary: `refused since ${since}` };
}

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

  it('that become worse are told anew, the end of the milder one first', async () => {
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
    router = routerTo(channel, other);
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
        router.update(agent, [revoked(minute)]);
        router.update(agent, []);
      }
    }
    router.update('standing-too', [revoked(0)]);
    channel.state = 'up';
    await clock.elapse(60_000);
    expect(channel.taken.length).toBeLessThanOrEqual(257);
    expect(channel.taken).toContain('standing SECRET_REVOKED critical 00:00 firing');
    expect(channel.taken.at(-1)).toBe('standing-too SECRET_REVOKED critical 00:00 firing');
    expect(channel.taken).toContain('e SECRET_REVOKED critical 00:59 resolved');
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
