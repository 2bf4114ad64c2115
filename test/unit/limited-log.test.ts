import { describe, expect, it } from 'vitest';
import { logEvents } from '../../src/domain/log-events.ts';
import { limitLog } from '../../src/platform/limited-log.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { MemoryLog } from '../fakes/memory-log.ts';

function begin() {
  const kept = new MemoryLog();
  const clock = new ManualClock();
  return { kept, clock, log: limitLog(kept, clock) };
}

describe('a limited event', () => {
  it('is written ten times, then counted, and told of a minute later', () => {
    const { kept, clock, log } = begin();
    for (let line = 0; line < 1000; line++)
      log.warn('peer-denied', { uid: 1000 + (line % 3), verb: 'token' });
    expect(kept.events()).toEqual(Array.from({ length: 10 }, () => 'peer-denied'));
    clock.advance(59_999);
    expect(kept.lines).toHaveLength(10);
    clock.advance(1);
    expect(kept.lines.slice(10)).toEqual([
      {
        level: 'warn',
        event: 'log-suppressed',
        fields: { event_suppressed: 'peer-denied', count: 990, uids: [1001, 1002, 1000] },
      },
    ]);
  });

  it('that goes on for an hour makes ten lines a minute, and one for the rest, and not one is lost without a word', () => {
    const { kept, clock, log } = begin();
    const events = 3600 * 10;
    for (let each = 0; each < events; each++) {
      log.error('request-failed');
      clock.advance(100);
    }
    log.close();
    const written = kept.events().filter((event) => event === 'request-failed').length;
    const told = kept.lines.filter(({ event }) => event === 'log-suppressed');
    const suppressed = told.reduce((sum, { fields }) => sum + (fields['count'] as number), 0);
    expect(written).toBeLessThanOrEqual(610);
    expect(told.length).toBeLessThanOrEqual(61);
    expect(written + suppressed).toBe(events);
  });

  it('takes no place from another one', () => {
    const { kept, log } = begin();
    for (let line = 0; line < 50; line++) log.info('refresh-requested');
    log.warn('peer-denied');
    expect(kept.events().at(-1)).toBe('peer-denied');
  });

  it('is the same through every child', () => {
    const { kept, log } = begin();
    for (let line = 0; line < 20; line++) log.child({ agent: `web-${line}` }).warn('token-file-watch-failed');
    expect(kept.lines).toHaveLength(10);
    expect(kept.lines[9]?.fields).toEqual({ agent: 'web-9' });
  });

  it('is told of at its own level, so that nobody hears of lines that would not have been written', () => {
    const { kept, log } = begin();
    for (let line = 0; line < 11; line++) log.info('refresh-requested', { uid: 7 });
    log.close();
    expect(kept.lines.at(-1)).toEqual({
      level: 'info',
      event: 'log-suppressed',
      fields: { event_suppressed: 'refresh-requested', count: 1, uids: [7] },
    });
  });

  it('names a few of the users at most', () => {
    const { kept, log } = begin();
    for (let uid = 0; uid < 5000; uid++) log.warn('peer-denied', { uid });
    log.close();
    expect(kept.lines.at(-1)?.fields['uids']).toHaveLength(10);
  });

  it('is told of once: closing tells no more, and no timer is left', () => {
    const { kept, clock, log } = begin();
    for (let line = 0; line < 11; line++) log.warn('peer-unknown');
    log.close();
    log.close();
    expect(kept.events().filter((event) => event === 'log-suppressed')).toHaveLength(1);
    expect(clock.nextDueInMs()).toBeNull();
  });
});

describe('every other event', () => {
  it('is always written', () => {
    const { kept, log } = begin();
    for (let line = 0; line < 100; line++) log.warn('save-failed', { code: 'STORE_LOCKED' });
    expect(kept.lines).toHaveLength(100);
  });

  it('is whatever is about a secret, its key or an exchange', () => {
    const limited = Object.entries(logEvents).flatMap(([event, traits]) =>
      'limited' in traits ? [event] : [],
    );
    expect(limited).not.toEqual([]);
    expect(
      limited.filter((event) => /secret|key|exchange|save|store|hand-over|recover|alert/.test(event)),
    ).toEqual([]);
  });
});
