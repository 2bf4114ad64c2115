import type { ErrorCode } from './errors.ts';
import type {
  Attempt,
  Bucket,
  CandidateFacts,
  Doubt,
  HeldSecret,
  JournalRecord,
  LastExchange,
  PreviousSecret,
  Refusal,
  Rejections,
} from './journal-entry.ts';
import type { Outcome } from './outcome.ts';
import { untilMs } from './schedule.ts';
import type { Credential } from './secret.ts';
import { addMs, type Stamp } from './stamp.ts';

/**
 * How the journal's record changes: one pure function for each thing that can happen to an agent's secrets; refusals have a
 * file of their own. Nothing else builds a record, so what a crash may find on disk can be read off these two.
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
    current: { doubt: null, uncertain: false },
    previous: null,
    candidate: null,
    kept: null,
    refusal: null,
    rejectedSequence: null,
    rejections: null,
    adoptedFile: null,
    bucket,
    lastExchange: null,
  };
}

/** The doubt that stands for a secret. What is known of one candidate says nothing of another. */
export function doubtOf(
  record: JournalRecord,
  { slot, fingerprint }: Pick<Attempt, 'slot' | 'fingerprint'>,
): Doubt | null {
  if (slot === 'current') return record.current.doubt;
  if (slot === 'previous') return record.previous?.doubt ?? null;
  return record.candidate?.fingerprint === fingerprint ? record.candidate.doubt : null;
}

/**
 * A hand-over was accepted, of somebody or `from` the watched file: whatever was known of an earlier candidate is forgotten, and the bucket is full again. Only the
 * doubt about this very secret stays, when it is given once more.
 */
export function withCandidate(
  record: JournalRecord,
  secret: Credential,
  bucket: Bucket,
  from?: 'file',
): JournalRecord {
  const { fingerprint } = secret;
  const doubt = doubtOf(record, { slot: 'candidate', fingerprint });
  const adoptedFile = from === 'file' ? fingerprint : record.adoptedFile;
  return { ...record, candidate: { fingerprint, doubt, settled: false }, bucket, adoptedFile };
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
  /** Where somebody was refused with the token before; null where this one comes by schedule, or of another secret. */
  readonly rejections: Rejections | null;
  /** Where the host and the server are now: a granted candidate binds the agent to them anew. */
  readonly identity: string;
  readonly origin: string;
}

/** The server granted the attempt: generation +1 (where it rotates, or for a new lineage), every doubt and refusal over. */
export function afterGrant(record: JournalRecord, attempt: Attempt, grant: Grant, now: Stamp): JournalRecord {
  const fresh = attempt.slot === 'candidate';
  const generation = grant.rotates || fresh ? record.generation + 1 : record.generation;
  const doubted = grant.rotates && doubtOf(record, attempt) !== null;
  return {
    ...record,
    identity: fresh ? grant.identity : record.identity,
    origin: fresh ? grant.origin : record.origin,
    generation,
    sequence: record.sequence + 1,
    intent: null,
    current: { doubt: null, uncertain: doubted },
    previous:
      grant.rotates && grant.spent !== null ? previousOf(grant.spent, record.generation, doubted) : null,
    candidate: fresh ? settledCandidate(attempt) : record.candidate,
    kept: { text: grant.next.text, fingerprint: grant.next.fingerprint, generation },
    refusal: null,
    rejections: fresh ? null : grant.rejections,
    lastExchange: { at: now, outcome: 'granted', code: null },
  };
}

/**
 * The store is one generation ahead: an answer was saved there, but the crash came before the journal was closed. The spent
 * secret is known from the record itself. `sequence` is that of the session, which may have been saved too.
 */
export function afterAdoption(record: JournalRecord, found: HeldSecret, sequence: number): JournalRecord {
  const { intent, kept } = record;
  const spentCurrent = intent?.slot === 'current' && kept?.generation === record.generation;
  const doubted = intent !== null && doubtOf(record, intent) !== null;
  return {
    ...record,
    generation: found.generation,
    // each of the generations in between came with a token, which somebody may have seen
    sequence: Math.max(record.sequence + found.generation - record.generation, sequence),
    intent: null,
    current: { doubt: null, uncertain: doubted },
    previous: spentCurrent ? previousOf(kept, record.generation, doubted) : null,
    candidate: intent?.slot === 'candidate' ? settledCandidate(intent) : record.candidate,
    kept: { text: found.text, fingerprint: found.fingerprint, generation: found.generation },
    refusal: null,
  };
}

/** The attempt was sent and nobody knows how it ended. A secret refused before is from now on lost rather than revoked. */
export function afterDoubt(
  record: JournalRecord,
  attempt: Attempt,
  now: Stamp,
  elsewhere = false,
): JournalRecord {
  const earlier = doubtOf(record, attempt);
  const over = addMs(attempt.sentAt, attempt.deadlineMs);
  const doubt: Doubt = {
    attempts: (earlier?.attempts ?? 0) + 1,
    since: earlier?.since ?? attempt.sentAt,
    overAt: earlier !== null && untilMs(earlier.overAt, now) > untilMs(over, now) ? earlier.overAt : over,
    ...(elsewhere && { elsewhere: true }),
  };
  const closed = closedWith(record, { at: now, outcome: 'in-doubt', code: 'IN_DOUBT' });
  const tried = triedAgain(record.refusal, attempt, now);
  const spent = tried?.kind === 'refused' && (attempt.slot !== 'candidate' || isKnown(record, attempt));
  return withDoubt({ ...closed, refusal: spent ? { ...tried, kind: 'lost' } : tried }, attempt, doubt);
}

/** The server understood the attempt and did not judge the secret (or it never left this host). A doubt stays a doubt. */
export function afterUnjudged(
  record: JournalRecord,
  attempt: Attempt,
  outcome: Outcome,
  now: Stamp,
): JournalRecord {
  const closed = closedWith(record, { at: now, outcome: outcome.kind, code: codeOf(outcome) });
  return { ...closed, refusal: triedAgain(record.refusal, attempt, now) };
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

/** The attempt under way is over. */
export function closedWith(record: JournalRecord, lastExchange: LastExchange): JournalRecord {
  return { ...record, intent: null, lastExchange };
}

/** A try without a verdict counts for the pace after a refusal too. */
function triedAgain(refusal: Refusal | null, { slot }: Attempt, now: Stamp): Refusal | null {
  if (refusal === null || refusal.kind === 'suspected' || slot === 'candidate') return refusal;
  return { ...refusal, lastTryAt: now, tries: refusal.tries + 1 };
}

/** What is remembered of a candidate after the verdict on it. */
export function settledCandidate({ fingerprint }: Pick<Attempt, 'fingerprint'>): CandidateFacts {
  return { fingerprint, doubt: null, settled: true };
}

function withDoubt(record: JournalRecord, attempt: Attempt, doubt: Doubt): JournalRecord {
  switch (attempt.slot) {
    case 'current':
      return { ...record, current: { ...record.current, doubt } };
    case 'previous':
      return { ...record, previous: record.previous === null ? null : { ...record.previous, doubt } };
    case 'candidate':
      return {
        ...alsoUncertain(record, attempt),
        candidate: { fingerprint: attempt.fingerprint, doubt, settled: false },
      };
  }
}

/** Whether the candidate is a secret that the agent had already: somebody handed over the same one again. */
function isKnown({ kept, previous }: JournalRecord, { fingerprint }: Attempt): boolean {
  return kept?.fingerprint === fingerprint || previous?.fingerprint === fingerprint;
}

/** What may have spent the candidate may have spent the current or the previous secret, where they are the same one. */
function alsoUncertain(record: JournalRecord, { fingerprint }: Attempt): JournalRecord {
  const { kept, current, previous } = record;
  return {
    ...record,
    current: kept?.fingerprint === fingerprint ? { ...current, uncertain: true } : current,
    previous: previous?.fingerprint === fingerprint ? { ...previous, doubted: true } : previous,
  };
}
