import type { Note } from '../domain/agent-effect.ts';
import type { Log } from '../ports/log.ts';
import type { RotationMeter } from '../ports/rotation-meter.ts';

/** A note of the transition as a log line and, where it measures something, as a metric. */
export function reportNote(note: Note, log: Log, meter: RotationMeter): void {
  switch (note.event) {
    case 'exchange-ended': {
      const { attempt, outcome, detail, tookMs } = note;
      meter.exchanged(outcome, tookMs / 1000);
      if (attempt.slot === 'candidate' && (outcome === 'granted' || outcome === 'refused'))
        meter.happened(`hand-over-${outcome}`);
      const fields = {
        outcome,
        slot: attempt.slot,
        attempt: attempt.id,
        generation: attempt.generation,
        took_ms: Math.round(tookMs),
        detail,
      };
      if (outcome === 'granted') log.info('exchange-granted', { ...fields, detail: undefined });
      else log.warn('exchange-failed', fields);
      return;
    }
    case 'answer-durable':
      meter.persisted(note.tookMs / 1000);
      log.debug('answer-durable', { took_ms: note.tookMs });
      return;
    case 'secret-recommitted':
      meter.happened('recommitted');
      log.warn(note.event, { generation: note.generation });
      return;
    case 'newer-secret-adopted':
      log.warn(note.event, { generation: note.generation });
      return;
    case 'hand-over-stored':
      log.info(note.event, { fingerprint: note.fingerprint });
      return;
    case 'doubt-found':
      meter.happened('interrupted');
      log.warn(note.event, { slot: note.slot });
      return;
    case 'raw-not-saved':
    case 'save-failed':
    case 'store-failed':
    case 'open-failed':
    case 'not-connected':
      log.warn(note.event, { code: note.code, detail: note.detail });
      return;
  }
}
