import type { ErrorCode } from './errors.ts';
import type { Attempt, JournalRecord, Refusal } from './journal-entry.ts';
import { closedWith, doubtOf, settledCandidate, type Grant } from './ledger.ts';
import type { Credential } from './secret.ts';
import type { Stamp } from './stamp.ts';

/** How a refusal changes the journal's record, and when it means "revoked" and when "lost" (DESIGN §3, "Refused"). */

/** The server refused the candidate while a current secret stands: it is kept and never sent again. */
export function afterCandidateRefused(record: JournalRecord, attempt: Attempt, now: Stamp): JournalRecord {
  const closed = closedWith(record, { at: now, outcome: 'refused', code: 'HANDOVER_REFUSED' });
  return { ...closed, candidate: settledCandidate(attempt) };
}

/** The server refused the candidate and there is no current secret: it becomes the current one, refused or lost. */
export function afterOnlySecretRefused(
  record: JournalRecord,
  candidate: Credential,
  place: Pick<Grant, 'identity' | 'origin'>,
  detail: string,
  now: Stamp,
): JournalRecord {
  const generation = record.generation + 1;
  const { fingerprint } = candidate;
  const kind = doubtOf(record, { slot: 'candidate', fingerprint }) === null ? 'refused' : 'lost';
  return {
    ...closedWith(record, { at: now, outcome: 'refused', code: refusalCode(kind) }),
    ...place,
    generation,
    candidate: settledCandidate(candidate),
    kept: { text: candidate.text, fingerprint, generation },
    refusal: { kind, since: now, lastTryAt: now, tries: 1, detail },
  };
}

/** The server refused the current secret, or the previous one that was tried in its place (DESIGN §3, "Refused"). */
export function afterRefusal(
  record: JournalRecord,
  attempt: Attempt,
  mayTryPrevious: boolean,
  detail: string,
  now: Stamp,
): JournalRecord {
  const kind = refusalKind(record, attempt, mayTryPrevious);
  const refusal: Refusal =
    record.refusal === null || record.refusal.kind === 'suspected'
      ? { kind, since: record.refusal?.since ?? now, lastTryAt: now, tries: 1, detail }
      : { ...record.refusal, kind, lastTryAt: now, tries: record.refusal.tries + 1, detail };
  const code = kind === 'suspected' ? 'SERVER_REFUSED' : refusalCode(kind);
  return { ...closedWith(record, { at: now, outcome: 'refused', code }), refusal };
}

function refusalKind(record: JournalRecord, attempt: Attempt, mayTryPrevious: boolean): Refusal['kind'] {
  const { refusal, current, previous } = record;
  if (refusal?.kind === 'lost' || current.doubt !== null || current.uncertain) return 'lost';
  if (attempt.slot === 'previous') {
    return previous !== null && (previous.doubt !== null || previous.doubted) ? 'lost' : 'refused';
  }
  if (refusal?.kind === 'refused') return 'refused';
  return mayTryPrevious && previous !== null ? 'suspected' : 'refused';
}

export function refusalCode(kind: 'refused' | 'lost'): ErrorCode {
  return kind === 'lost' ? 'SECRET_LOST_IN_FLIGHT' : 'SECRET_REVOKED';
}
