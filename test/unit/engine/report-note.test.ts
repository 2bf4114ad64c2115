import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/domain/agent-effect.ts';
import { reportNote } from '../../../src/engine/report-note.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import { RotationCounts } from '../../fakes/rotation-counts.ts';
import { attempt } from '../domain/fixtures.ts';

function reported(note: Note) {
  const log = new MemoryLog();
  const counts = new RotationCounts();
  reportNote(note, log, counts);
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
      'warn',
      'exchange-failed',
      { outcome: 'refused', detail: 'no' },
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
    [{ event: 'store-failed', ...failed }, 'warn', 'store-failed', failed],
    [{ event: 'open-failed', ...failed }, 'warn', 'open-failed', failed],
    [{ event: 'not-connected', ...failed }, 'warn', 'not-connected', failed],
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
