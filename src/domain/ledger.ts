import type { ErrorCode } from './errors.ts';
import type {
  Attempt,
  AttemptSlot,
  Bucket,
  CandidateFacts,
  Doubt,
  HeldSecret,
  JournalRecord,
  LastExchange,
  PreviousSecret,
  Refusal,
} from './journal-entry.ts';
import type { Outcome } from './outcome.ts';
import { untilMs } from './schedule.ts';
import type { Credential } from './secret.ts';
import { addMs, type Stamp } from './stamp.ts';

/**
 * How the journal's record changes: one pure function for each thing that can happen to an agent's secrets. Nothing else
 * builds a record, so what a crash may find on disk can be read off this file.
 */

/** The record of an agent that was just given its first secret. */
export function firstRecord(
  stateId: string,
  identity: string,
  origin: string,
  bucket: Bucket,
): JournalRecord {
  return {
    stateId,
    identity,
    origin,
    generation: 0,
    sequence: 0,
    intent: null,
    current: { doubt: null, fromReplay: false },
    previous: null,
    candidate: null,
    kept: null,
    refusal: null,
    rejectedSequence: null,
    bucket,
    lastExchange: null,
  };
}

/** The doubt that stands for the secret in a slot. */
export function doubtOf(record: JournalRecord, slot: AttemptSlot): Doubt | null {
  if (slot === 'current') return record.current.doubt;
  if (slot === 'previous') return record.previous?.doubt ?? null;
  return record.candidate?.doubt ?? null;
}

/** A hand-over was accepted: whatever was known of an earlier candidate is forgotten, and the bucket is full again. */
export function withCandidate(record: JournalRecord, secret: Credential, bucket: Bucket): JournalRecord {
  return { ...record, candidate: { fingerprint: secret.fingerprint, doubt: null, refused: false }, bucket };
}

export function withIntent(record: JournalRecord, intent: Attempt, bucket: Bucket): JournalRecord {
  return { ...record, intent, bucket };
}

/** What a grant leaves behind, besides the record. */
export interface Grant {
  /** The secret that was spent; null where only its fingerprint is still known. */
  readonly spent: Credential | null;
  /** The secret to use from now on: the new one, or the spent one where this server does not rotate. */
  readonly next: Credential;
  readonly rotates: boolean;
  /** Where the host and the server are now: a granted candidate binds the agent to them anew. */
  readonly identity: string;
  readonly origin: string;
}

/** The server granted the attempt: generation +1 (where it rotates, or for a new lineage), every doubt and refusal over. */
export function afterGrant(record: JournalRecord, attempt: Attempt, grant: Grant, now: Stamp): JournalRecord {
  const fresh = attempt.slot === 'candidate';
  const generation = grant.rotates || fresh ? record.generation + 1 : record.generation;
  const doubted = grant.rotates && doubtOf(record, attempt.slot) !== null;
  return {
    ...record,
    identity: fresh ? grant.identity : record.identity,
    origin: fresh ? grant.origin : record.origin,
    generation,
    sequence: record.sequence + 1,
    intent: null,
    current: { doubt: null, fromReplay: doubted },
    previous:
      grant.rotates && grant.spent !== null ? previousOf(grant.spent, record.generation, doubted) : null,
    candidate: fresh ? null : record.candidate,
    kept: { text: grant.next.text, fingerprint: grant.next.fingerprint, generation },
    refusal: null,
    lastExchange: { at: now, outcome: 'granted', code: null },
  };
}

/**
 * The store is one generation ahead: an answer was saved there, but the crash came before the journal was closed. The spent
 * secret is known from the record itself.
 */
export function afterAdoption(record: JournalRecord, found: HeldSecret): JournalRecord {
  const { intent, kept } = record;
  const spentCurrent = intent?.slot === 'current' && kept?.generation === record.generation;
  const doubted = intent !== null && doubtOf(record, intent.slot) !== null;
  return {
    ...record,
    generation: found.generation,
    intent: null,
    current: { doubt: null, fromReplay: doubted },
    previous: spentCurrent ? previousOf(kept, record.generation, doubted) : null,
    candidate: intent?.slot === 'candidate' ? null : record.candidate,
    kept: { text: found.text, fingerprint: found.fingerprint, generation: found.generation },
    refusal: null,
  };
}

/** The attempt was sent and nobody knows how it ended. A secret refused before is from now on lost rather than revoked. */
export function afterDoubt(record: JournalRecord, attempt: Attempt, now: Stamp): JournalRecord {
  const earlier = doubtOf(record, attempt.slot);
  const over = addMs(attempt.sentAt, attempt.deadlineMs);
  const doubt: Doubt = {
    attempts: (earlier?.attempts ?? 0) + 1,
    since: earlier?.since ?? attempt.sentAt,
    overAt: earlier !== null && untilMs(earlier.overAt, now) > untilMs(over, now) ? earlier.overAt : over,
  };
  const closed = closedWith(record, { at: now, outcome: 'in-doubt', code: 'IN_DOUBT' });
  const refusal = triedAgain(
    closed.refusal,
    now,
    closed.refusal?.kind === 'refused' ? 'lost' : closed.refusal?.kind,
  );
  return withDoubt(
    { ...closed, refusal: attempt.slot === 'candidate' ? closed.refusal : refusal },
    attempt,
    doubt,
  );
}

/** The server understood the attempt and did not judge the secret (or it never left this host). A doubt stays a doubt. */
export function afterUnjudged(record: JournalRecord, outcome: Outcome, now: Stamp): JournalRecord {
  return closedWith(record, { at: now, outcome: outcome.kind, code: codeOf(outcome) });
}

/** The server refused the candidate while a current secret stands: it is kept and never sent again. */
export function afterCandidateRefused(record: JournalRecord, attempt: Attempt, now: Stamp): JournalRecord {
  const candidate: CandidateFacts = { fingerprint: attempt.fingerprint, doubt: null, refused: true };
  return { ...closedWith(record, { at: now, outcome: 'refused', code: 'HANDOVER_REFUSED' }), candidate };
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
  const kind = doubtOf(record, 'candidate') === null ? 'refused' : 'lost';
  return {
    ...closedWith(record, { at: now, outcome: 'refused', code: refusalCode(kind) }),
    ...place,
    generation,
    candidate: null,
    kept: { text: candidate.text, fingerprint: candidate.fingerprint, generation },
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
  if (refusal?.kind === 'lost' || current.doubt !== null || current.fromReplay) return 'lost';
  if (attempt.slot === 'previous') {
    return previous !== null && (previous.doubt !== null || previous.doubted) ? 'lost' : 'refused';
  }
  if (refusal?.kind === 'refused') return 'refused';
  return mayTryPrevious && previous !== null ? 'suspected' : 'refused';
}

export function refusalCode(kind: 'refused' | 'lost'): ErrorCode {
  return kind === 'lost' ? 'SECRET_LOST_IN_FLIGHT' : 'SECRET_REVOKED';
}

/** The stable code under which an outcome is reported; null for a grant. */
export function codeOf(outcome: Outcome): ErrorCode | null {
  switch (outcome.kind) {
    case 'granted':
      return null;
    case 'refused':
      return 'SERVER_REFUSED';
    case 'misconfigured':
      return 'SERVER_MISCONFIGURED';
    case 'rate-limited':
      return 'SERVER_RATE_LIMITED';
    case 'server-trouble':
      return 'SERVER_TROUBLE';
    case 'not-sent':
      return outcome.code;
    case 'in-doubt':
      return 'IN_DOUBT';
  }
}

function previousOf(spent: Credential, generation: number, doubted: boolean): PreviousSecret {
  return { text: spent.text, fingerprint: spent.fingerprint, generation, doubted, doubt: null };
}

function closedWith(record: JournalRecord, lastExchange: LastExchange): JournalRecord {
  return { ...record, intent: null, lastExchange };
}

function triedAgain(refusal: Refusal | null, now: Stamp, kind: Refusal['kind'] | undefined): Refusal | null {
  if (refusal === null || kind === undefined || kind === 'suspected') return refusal;
  return { ...refusal, kind, lastTryAt: now, tries: refusal.tries + 1 };
}

function withDoubt(record: JournalRecord, attempt: Attempt, doubt: Doubt): JournalRecord {
  switch (attempt.slot) {
    case 'current':
      return { ...record, current: { ...record.current, doubt } };
    case 'previous':
      return { ...record, previous: record.previous === null ? null : { ...record.previous, doubt } };
    case 'candidate':
      return { ...record, candidate: { fingerprint: attempt.fingerprint, doubt, refused: false } };
  }
}
