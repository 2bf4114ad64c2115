import type { Note } from '../domain/agent-effect.ts';
import type { Log } from '../ports/log.ts';
import type { ExchangeMeter } from './agent-parts.ts';

/** A note of the transition as a log line and, where it measures something, as a metric. */
export function reportNote(note: Note, agent: string, log: Log, meter: ExchangeMeter): void {
  switch (note.event) {
    case 'exchange-ended': {
      const { attempt, outcome, detail, tookMs } = note;
      meter.exchange(agent, outcome, tookMs / 1000);
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
      meter.persisted(agent, note.tookMs / 1000);
      log.debug('answer-durable', { took_ms: note.tookMs });
      return;
    case 'secret-recommitted':
    case 'newer-secret-adopted':
      log.warn(note.event, { generation: note.generation });
      return;
    case 'hand-over-stored':
      log.info(note.event, { fingerprint: note.fingerprint });
      return;
    case 'doubt-found':
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
