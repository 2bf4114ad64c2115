import type { Note } from '../domain/agent-effect.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RotationMeter } from '../ports/rotation-meter.ts';
import { FailureStreaks, type StreakName } from './failure-streaks.ts';
import { isRejectionNote, reportRejection } from './report-rejection.ts';

export interface NoteReaders {
  readonly log: Log;
  readonly meter: RotationMeter;
  readonly clock: Clock;
}

type NoteOf<Event extends Note['event']> = Extract<Note, { event: Event }>;
type TroubleNote = NoteOf<'raw-not-saved' | 'save-failed' | 'store-failed' | 'open-failed' | 'not-connected'>;

/** Makes of one agent's notes log lines and, where they measure something, metrics. A failure that repeats itself is for `debug` only. */
export function noteReporter({ log, meter, clock }: NoteReaders): (note: Note) => void {
  const streaks = new FailureStreaks();

  return (note) => {
    endStreaks(streaks, note, clock);
    if (isRejectionNote(note)) return reportRejection(note, { log, meter });
    switch (note.event) {
      case 'exchange-ended':
        countEnd(note, meter);
        return note.outcome === 'granted' ? reportGrant(note) : reportRefusal(note);
      case 'answer-durable':
        meter.persisted(note.tookMs / 1000);
        log.debug('answer-durable', { took_ms: note.tookMs });
        return;
      case 'secret-recommitted':
      case 'newer-secret-adopted':
        if (note.event === 'secret-recommitted') meter.happened('recommitted');
        log.warn(note.event, { generation: note.generation });
        return;
      case 'hand-over-stored':
        return log.info(note.event, { fingerprint: note.fingerprint });
      case 'doubt-found':
        meter.happened('interrupted');
        log.warn(note.event, { slot: note.slot });
        return;
      case 'superseded':
        return log.warn(note.event, { code: note.code, detail: note.detail });
      case 'probe-failed':
        return log.debug(note.event, { code: note.code, detail: note.detail });
      default:
        reportTrouble(note);
    }
  };

  function reportGrant(note: NoteOf<'exchange-ended'>): void {
    const ended = streaks.end('exchange', clock.now());
    log.info('exchange-granted', {
      ...attemptFields(note),
      ...(ended !== null && { failures: ended.failures, failing_ms: ended.failingMs }),
    });
  }

  function reportRefusal(note: NoteOf<'exchange-ended'>): void {
    const { outcome, detail } = note;
    const failures = streaks.add('exchange', outcome, clock.now());
    const fields = { outcome, ...attemptFields(note), detail, failures };
    if (failures === 1) log.info('exchange-failed', fields);
    else log.debug('exchange-failed', fields);
  }

  function reportTrouble({ event, code, detail }: TroubleNote): void {
    const failures = streaks.add(streakOf[event], `${event} ${code}`, clock.now());
    const fields = { code, detail, failures };
    if (failures > 1) log.debug(event, fields);
    // No alert need follow from these two.
    else if (event === 'raw-not-saved' || event === 'save-failed') log.warn(event, fields);
    else log.info(event, fields);
  }
}

function countEnd({ attempt, outcome, tookMs }: NoteOf<'exchange-ended'>, meter: RotationMeter): void {
  meter.exchanged(outcome, tookMs / 1000);
  if (attempt.slot === 'candidate' && (outcome === 'granted' || outcome === 'refused'))
    meter.happened(`hand-over-${outcome}`);
}

const streakOf = {
  'not-connected': 'exchange',
  'store-failed': 'store',
  'open-failed': 'store',
  'save-failed': 'save',
  'raw-not-saved': 'raw',
} as const satisfies Record<TroubleNote['event'], StreakName>;

/** What a note proves to work. An exchange that was granted ends its own streak where it is told. */
function endStreaks(streaks: FailureStreaks, { event }: Note, clock: Clock): void {
  const now = clock.now();
  // Nothing is sent, nor a connection made, before the store has proved itself and everything is saved.
  if (event === 'exchange-ended' || event === 'not-connected') {
    streaks.end('store', now);
    streaks.end('save', now);
  }
  if (event === 'answer-durable') streaks.end('raw', now);
}

function attemptFields({ attempt, tookMs }: NoteOf<'exchange-ended'>) {
  return {
    slot: attempt.slot,
    attempt: attempt.id,
    generation: attempt.generation,
    took_ms: Math.round(tookMs),
  };
}
