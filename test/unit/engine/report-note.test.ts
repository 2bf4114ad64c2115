import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/domain/agent-effect.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { noteReporter } from '../../../src/engine/report-note.ts';
import { unmetered } from '../../../src/engine/unmetered.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import { RotationCounts } from '../../fakes/rotation-counts.ts';
import { attempt } from '../domain/fixtures.ts';

function reported(note: Note) {
  const log = new MemoryLog();
  const counts = new RotationCounts();
  noteReporter({ log, meter: counts, clock: new ManualClock() })(note);
  return { line: log.lines[0], count: log.lines.length, counts };
}

const failed = { code: 'STORE_LOCKED', detail: 'locked' } as const;

describe('a note', () => {
  const rows: readonly (readonly [Note, string, string, object])[] = [
    [
      { event: 'exchange-ended', attempt: attempt(), outcome: 'granted', detail: '', tookMs: 40.4 },
      'info',
      'exchange-granted',
      { slot: 'current', generation: 3, took_ms: 40 },
    ],
    [
      { event: 'exchange-ended', attempt: attempt(), outcome: 'refused', detail: 'no', tookMs: 40 },
      'info',
      'exchange-failed',
      { outcome: 'refused', detail: 'no', failures: 1 },
    ],
    [{ event: 'answer-durable', tookMs: 3 }, 'debug', 'answer-durable', { took_ms: 3 }],
    [{ event: 'secret-recommitted', generation: 4 }, 'warn', 'secret-recommitted', { generation: 4 }],
    [{ event: 'newer-secret-adopted', generation: 4 }, 'warn', 'newer-secret-adopted', { generation: 4 }],
    [
      { event: 'hand-over-stored', fingerprint: 'sha256:x' },
      'info',
      'hand-over-stored',
      { fingerprint: 'sha256:x' },
    ],
    [{ event: 'doubt-found', slot: 'current' }, 'warn', 'doubt-found', { slot: 'current' }],
    [{ event: 'raw-not-saved', ...failed }, 'warn', 'raw-not-saved', failed],
    [{ event: 'save-failed', ...failed }, 'warn', 'save-failed', failed],
    [{ event: 'store-failed', ...failed }, 'info', 'store-failed', failed],
    [{ event: 'open-failed', ...failed }, 'info', 'open-failed', failed],
    [{ event: 'not-connected', ...failed }, 'info', 'not-connected', failed],
  ];

  it.each(rows)('%o is one line', (note, level, event, fields) => {
    const { line, count } = reported(note);
    expect(line).toMatchObject({ level, event, fields });
    expect(count).toBe(1);
  });

  it('of an end is a metric too, in seconds', () => {
    const ended: Note = {
      event: 'exchange-ended',
      attempt: attempt(),
      outcome: 'refused',
      detail: '',
      tookMs: 40,
    };
    expect(reported(ended).counts).toMatchObject({
      outcomes: ['refused'],
      exchangeTimes: [0.04],
      events: [],
    });
    expect(reported({ event: 'answer-durable', tookMs: 3 }).counts.persistTimes).toEqual([0.003]);
  });

  it.each([
    ['granted', ['hand-over-granted']],
    ['refused', ['hand-over-refused']],
    ['in-doubt', []],
  ] as const)('of a candidate that is %s counts as the verdict on the hand-over', (outcome, events) => {
    const candidate = attempt({ slot: 'candidate' });
    const note: Note = { event: 'exchange-ended', attempt: candidate, outcome, detail: '', tookMs: 40 };
    expect(reported(note).counts.events).toEqual(events);
  });

  it('of what a start found is counted', () => {
    expect(reported({ event: 'doubt-found', slot: 'current' }).counts.events).toEqual(['interrupted']);
    expect(reported({ event: 'secret-recommitted', generation: 4 }).counts.events).toEqual(['recommitted']);
  });
});

/** Reports one note after the other; what is written at `info` and above, or all of it. */
class Reporting {
  readonly log = new MemoryLog();
  readonly clock = new ManualClock();
  readonly report = noteReporter({ log: this.log, meter: unmetered, clock: this.clock });

  ended(outcome: Outcome['kind']): void {
    this.report({ event: 'exchange-ended', attempt: attempt(), outcome, detail: '', tookMs: 1 });
  }

  failed(event: 'not-connected' | 'store-failed' | 'open-failed' | 'save-failed' | 'raw-not-saved'): void {
    this.report({ event, ...failed });
  }

  get told(): readonly string[] {
    return this.log.lines.filter(({ level }) => level !== 'debug').map(({ event }) => event);
  }
}

describe('a failure that repeats itself', () => {
  it.each(['not-connected', 'store-failed', 'open-failed', 'save-failed', 'raw-not-saved'] as const)(
    '%s is told once, and counted for debug',
    (event) => {
      const reporting = new Reporting();
      for (let tries = 0; tries < 3; tries++) reporting.failed(event);
      expect(reporting.told).toEqual([event]);
      expect(reporting.log.lines.map(({ fields }) => fields['failures'])).toEqual([1, 2, 3]);
    },
  );

  it('is told again where it is another one, and then no more, however often they alternate', () => {
    const reporting = new Reporting();
    for (let tries = 0; tries < 4; tries++) {
      reporting.failed('not-connected');
      reporting.ended('server-trouble');
    }
    expect(reporting.told).toEqual(['not-connected', 'exchange-failed']);
  });

  it('is summed up by the exchange that is granted, after which it is news again', () => {
    const reporting = new Reporting();
    for (let tries = 0; tries < 5; tries++) {
      reporting.failed('not-connected');
      reporting.clock.advance(60_000);
    }
    reporting.ended('granted');
    reporting.failed('not-connected');
    reporting.ended('granted');
    reporting.ended('granted');
    expect(reporting.told).toEqual([
      'not-connected',
      'exchange-granted',
      'not-connected',
      'exchange-granted',
      'exchange-granted',
    ]);
    const grants = reporting.log.lines.filter(({ event }) => event === 'exchange-granted');
    expect(grants.map(({ fields }) => [fields['failures'], fields['failing_ms']])).toEqual([
      [5, 300_000],
      [1, 0],
      [undefined, undefined],
    ]);
  });

  it('of the store is news again once the store has proved itself, though the server is still away', () => {
    const reporting = new Reporting();
    reporting.failed('store-failed');
    reporting.failed('not-connected');
    reporting.failed('store-failed');
    reporting.failed('not-connected');
    expect(reporting.told).toEqual(['store-failed', 'not-connected', 'store-failed']);
  });

  it('to keep an answer is told once while all answers are in doubt', () => {
    const reporting = new Reporting();
    for (let tries = 0; tries < 3; tries++) {
      reporting.failed('raw-not-saved');
      reporting.ended('in-doubt');
    }
    expect(reporting.told).toEqual(['raw-not-saved', 'exchange-failed']);
    reporting.report({ event: 'answer-durable', tookMs: 1 });
    reporting.failed('raw-not-saved');
    expect(reporting.told.at(-1)).toBe('raw-not-saved');
  });
});
