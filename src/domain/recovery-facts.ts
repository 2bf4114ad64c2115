import type { StoredView } from './agent-event.ts';
import { isoTime } from './alerts.ts';
import type { Attempt, Doubt, HeldSecret, JournalRecord } from './journal-entry.ts';
import type { FoundAnswer, RecoveryFound } from './recovery-found.ts';
import type {
  AnswerFacts,
  AttemptFacts,
  DoubtFacts,
  JournalFacts,
  RecoveryReport,
  SecretFacts,
  StoredFacts,
} from './recovery-report.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import type { Token } from './token.ts';

/** What was found, in the words of the report. */

type Facts = Pick<RecoveryReport, 'store' | 'journal' | 'session' | 'answers'>;

export function factsFound(found: RecoveryFound): Facts {
  const { view, settings, now } = found;
  const { record, session } = view;
  // Without the key nobody can tell what is in there, but something is.
  const sealed = !view.keyPresent && view.sealedStatePresent;
  const owner = record === null || record === 'unreadable' ? null : record.stateId;
  return {
    store: {
      kind: settings.store,
      key: view.keyPresent ? 'present' : 'missing',
      current: readably(view.current, (secret) => storedFacts(secret, owner)),
      candidate: readably(view.candidate, (secret) => storedFacts(secret, owner)),
    },
    journal: sealed ? 'unreadable' : readably(record, (each) => journalFacts(each, view.identity, now)),
    session: sealed ? 'unreadable' : readably(session, (token) => sessionFacts(token, now)),
    answers: found.answers.map((answer) => answerFacts(answer, now)),
  };
}

function readably<Value extends object, Told>(
  value: Value | null | 'unreadable',
  tell: (value: Value) => Told,
): Told | null | 'unreadable' {
  return value === null || value === 'unreadable' ? value : tell(value);
}

function storedFacts(secret: StoredView, owner: string | null): StoredFacts {
  return {
    ...secretFacts(secret),
    ours: owner === null ? null : secret.owner === owner,
    origin: secret.origin,
  };
}

function secretFacts({
  generation,
  fingerprint,
}: Pick<HeldSecret, 'generation' | 'fingerprint'>): SecretFacts {
  return { generation, fingerprint };
}

function journalFacts(record: JournalRecord, identity: string, now: Stamp): JournalFacts {
  const { intent, kept, previous, candidate, refusal, lastExchange } = record;
  return {
    generation: record.generation,
    sequence: record.sequence,
    origin: record.origin,
    here: record.identity === identity,
    open_attempt: intent === null ? null : attemptFacts(intent, now),
    doubt: doubtFacts(record.current.doubt, now),
    kept: kept === null ? null : secretFacts(kept),
    previous: previous === null ? null : { ...secretFacts(previous), doubted: previous.doubted },
    candidate:
      candidate === null
        ? null
        : {
            fingerprint: candidate.fingerprint,
            doubt: doubtFacts(candidate.doubt, now),
            settled: candidate.settled,
          },
    refusal:
      refusal === null
        ? null
        : { kind: refusal.kind, since: timeOf(refusal.since, now), tries: refusal.tries },
    last_exchange:
      lastExchange === null ? null : { at: timeOf(lastExchange.at, now), outcome: lastExchange.outcome },
  };
}

function attemptFacts(attempt: Attempt, now: Stamp): AttemptFacts {
  const { id, slot, sentAt, deadlineMs } = attempt;
  const sentMs = -elapsedMs(sentAt, now);
  return {
    ...secretFacts(attempt),
    id,
    slot,
    sent_at: isoTime(now, sentMs),
    over_at: isoTime(now, sentMs + deadlineMs),
  };
}

function doubtFacts(doubt: Doubt | null, now: Stamp): DoubtFacts | null {
  if (doubt === null) return null;
  const { attempts, since, overAt } = doubt;
  return { attempts, since: timeOf(since, now), over_at: isoTime(overAt, 0) };
}

function sessionFacts({ sequence, sentAt, ttlMs }: Token, now: Stamp): RecoveryReport['session'] {
  const sentMs = -elapsedMs(sentAt, now);
  return { sequence, granted_at: isoTime(now, sentMs), expires_at: isoTime(now, sentMs + ttlMs) };
}

function answerFacts({ attempt, raw, outcome, salvaged }: FoundAnswer, now: Stamp): AnswerFacts {
  if (raw === 'unreadable') return { attempt, readable: false };
  const { slot, generation, sentAt } = raw.attempt;
  const http = raw.answer.kind === 'http' ? raw.answer : null;
  return {
    attempt,
    readable: true,
    slot,
    generation,
    sent_at: timeOf(sentAt, now),
    status: http?.status ?? null,
    bytes: http?.body.length ?? 0,
    complete: http?.complete ?? false,
    understood: outcome !== null && outcome.kind !== 'in-doubt',
    new_secret: outcome?.kind === 'granted' || salvaged !== null,
  };
}

function timeOf(stamp: Stamp, now: Stamp): string {
  return isoTime(now, -elapsedMs(stamp, now));
}
