import type { StoredView } from './agent-event.ts';
import { fullBucket } from './bucket.ts';
import type { CandidateFacts, Doubt, HeldSecret, JournalRecord, PreviousSecret } from './journal-entry.ts';
import { afterDoubt, afterGrant, doubtOf, firstRecord, settledCandidate } from './ledger.ts';
import type { FoundAnswer, RecoveryFound } from './recovery-found.ts';
import type { Credential } from './secret.ts';
import { addMs } from './stamp.ts';
import { readable } from './transition-open.ts';

/**
 * What each action of a recovery does to the disk. The order is the same everywhere: what cannot be read is set aside, then the
 * journal's record is written, which keeps the secret to go on with; from then on a start finishes the rest by itself, or
 * finds what it found before.
 */

/** One durable step. Each may be repeated. */
export type RecoveryStep =
  | { readonly step: 'set-aside'; readonly part: SealedPart }
  | { readonly step: 'record'; readonly record: JournalRecord }
  | { readonly step: 'current' | 'candidate'; readonly secret: StoredView }
  | { readonly step: 'drop-answers' };

/** Something sealed: of the journal, or a slot of the store. */
export type SealedPart =
  | 'record'
  | 'session'
  | 'answers'
  | { readonly answer: string }
  | 'current'
  | 'candidate';

/** The parts that the key does not open. */
export function unreadableParts({ view, answers }: RecoveryFound): readonly SealedPart[] {
  const parts = (['record', 'session', 'current', 'candidate'] as const).filter(
    (part) => view[part] === 'unreadable',
  );
  const raws = answers.filter(({ raw }) => raw === 'unreadable');
  return [...parts, ...raws.map(({ attempt }) => ({ answer: attempt }))];
}

export function setAside(parts: readonly SealedPart[]): readonly RecoveryStep[] {
  return parts.map((part) => ({ step: 'set-aside', part }));
}

/** The journal first: a store alone is a mismatch, but a journal alone would write its secret into the store again. */
export const everything: readonly SealedPart[] = ['record', 'session', 'answers', 'current', 'candidate'];

/** This machine becomes the agent's. */
export function reboundToMachine(record: JournalRecord, identity: string): readonly RecoveryStep[] {
  return [{ step: 'record', record: { ...record, identity, current: uncertain(record) } }];
}

/** The secret is for the new address; a refusal of the old one says nothing of it. */
export function reboundToServer(record: JournalRecord, origin: string): readonly RecoveryStep[] {
  return [{ step: 'record', record: { ...record, origin, refusal: null, current: uncertain(record) } }];
}

function uncertain({ current }: JournalRecord): JournalRecord['current'] {
  return { ...current, uncertain: true };
}

/** One more attempt with the secret that is in doubt, the candidate's before the current one's. */
export function replayAllowed(record: JournalRecord): readonly RecoveryStep[] {
  const { candidate, current } = record;
  if (candidate !== null && candidate.doubt !== null && !candidate.settled) {
    return [
      {
        step: 'record',
        record: { ...record, candidate: { ...candidate, doubt: allowedOnce(candidate.doubt) } },
      },
    ];
  }
  if (current.doubt === null) return [];
  return [
    { step: 'record', record: { ...record, current: { ...current, doubt: allowedOnce(current.doubt) } } },
  ];
}

function allowedOnce(doubt: Doubt): Doubt {
  return { ...doubt, mayReplay: true };
}

/**
 * As if the answer had been understood, but for its token: the next exchange brings one. Its raw body stays, since the secret
 * in it is a guess.
 */
export function finishedFrom(
  found: RecoveryFound,
  record: JournalRecord,
  { raw, salvaged }: FoundAnswer,
): readonly RecoveryStep[] {
  if (raw === 'unreadable' || salvaged === null) return [];
  const { attempt } = raw;
  const { view, settings, now } = found;
  const known = [readable(view.current), readable(view.candidate), record.kept, record.previous];
  const spent = known.find((secret) => secret?.fingerprint === attempt.fingerprint) ?? null;
  const place = { identity: view.identity, origin: settings.origin };
  const grant = { spent, next: salvaged, rotates: true, rejections: null, ...place };
  const granted = afterGrant(record, attempt, grant, now);
  const finished: JournalRecord = {
    ...granted,
    sequence: record.sequence,
    current: { doubt: null, uncertain: true },
    previous: granted.previous === null ? record.previous : { ...granted.previous, doubted: true },
    lastExchange: { at: now, outcome: 'recovered', code: null },
  };
  return [{ step: 'record', record: finished }];
}

/** The secrets that can be read and their numbers, for a journal that does not know them. */
interface TakenOver {
  readonly current: StoredView | null;
  readonly candidate: StoredView | null;
}

/** A record for secrets that this folder's journal knows nothing of. A candidate of unknown standing may have been sent: a doubt. */
export function takenIntoNewJournal(found: RecoveryFound, secrets: TakenOver): readonly RecoveryStep[] {
  const { view, settings, now, id, answers } = found;
  const { current, candidate } = secrets;
  const origin = (current ?? candidate)?.origin ?? settings.origin;
  const first = firstRecord(id, view.identity, origin, fullBucket(settings.maxExchangesPerMinute, now));
  const doubt = current === null ? null : doubtLeftBy(answers, current);
  const record: JournalRecord = {
    ...first,
    generation: current?.generation ?? 0,
    // each generation came with a token, which somebody may have seen
    sequence: Math.max(readable(view.session)?.sequence ?? 0, current?.generation ?? 0),
    current: { doubt, uncertain: true },
    candidate: candidate === null ? null : standingOf(found, candidate, current),
    kept: current === null ? null : heldSecret(current),
  };
  return [{ step: 'record', record }, ...storeSteps(record, secrets)];
}

/** The store's secret instead of the journal's, which stays as the one to try when the server refuses it. */
export function takenIntoJournal(
  found: RecoveryFound,
  known: JournalRecord,
  secrets: TakenOver,
): readonly RecoveryStep[] {
  const base = known.intent === null ? known : afterDoubt(known, known.intent, found.now);
  const { current, candidate } = secrets;
  const isKnown = current === null || current.fingerprint === base.kept?.fingerprint;
  const generation = isKnown ? base.generation : Math.max(base.generation, current.generation) + 1;
  const taken = current === null ? null : { ...current, generation };
  const isElsewhere = taken !== null && taken.origin !== base.origin;
  const record: JournalRecord = {
    ...base,
    generation,
    sequence: base.sequence + generation - base.generation,
    origin: taken?.origin ?? base.origin,
    current: isKnown ? uncertain(base) : { doubt: null, uncertain: true },
    previous: isElsewhere ? null : isKnown ? base.previous : keptAsPrevious(base),
    candidate: candidate === null ? base.candidate : standingIn(base, candidate, current),
    kept: taken === null ? base.kept : heldSecret(taken),
    refusal: isKnown ? base.refusal : null,
  };
  // What another server gave is not sent to this one, and not forgotten either.
  const kept: readonly RecoveryStep[] = isElsewhere ? [{ step: 'set-aside', part: 'record' }] : [];
  return [...kept, { step: 'record', record }, ...storeSteps(record, { current: taken, candidate })];
}

function storeSteps(record: JournalRecord, { current, candidate }: TakenOver): readonly RecoveryStep[] {
  const owned = (secret: StoredView): StoredView => ({ ...secret, owner: record.stateId });
  return [
    ...(current === null ? [] : [{ step: 'current', secret: owned(current) } as const]),
    ...(candidate === null ? [] : [{ step: 'candidate', secret: owned(candidate) } as const]),
  ];
}

function keptAsPrevious({ kept, previous, current }: JournalRecord): PreviousSecret | null {
  if (kept === null) return previous;
  return { ...kept, doubted: current.doubt !== null, doubt: null };
}

/** What is remembered of the candidate, or what its number tells: one that is not newer than the current secret was granted. */
function standingIn(
  record: JournalRecord,
  candidate: StoredView,
  current: StoredView | null,
): CandidateFacts | null {
  if (record.candidate?.fingerprint === candidate.fingerprint) return record.candidate;
  return wasGranted(candidate, current) ? settledCandidate(candidate) : null;
}

function standingOf(
  { answers, now }: RecoveryFound,
  candidate: StoredView,
  current: StoredView | null,
): CandidateFacts {
  if (wasGranted(candidate, current)) return settledCandidate(candidate);
  const unknown: Doubt = { attempts: 1, since: now, overAt: now, mayReplay: true };
  const doubt = doubtLeftBy(answers, { ...candidate, generation: candidate.generation - 1 }) ?? unknown;
  return { fingerprint: candidate.fingerprint, doubt, settled: false };
}

function wasGranted(candidate: StoredView, current: StoredView | null): boolean {
  return current !== null && candidate.generation <= current.generation;
}

/** The attempts whose answers are kept, as the journal would know them: from such a doubt an answer can be finished from. */
function doubtLeftBy(answers: readonly FoundAnswer[], secret: HeldSecret): Doubt | null {
  const attempts = answers.flatMap(({ raw }) => (raw === 'unreadable' ? [] : [raw.attempt]));
  const ours = attempts.filter(
    ({ fingerprint, generation }) => fingerprint === secret.fingerprint && generation === secret.generation,
  );
  const [first] = ours;
  const last = ours.at(-1);
  if (first === undefined || last === undefined) return null;
  return {
    attempts: ours.length,
    since: first.sentAt,
    overAt: addMs(last.sentAt, last.deadlineMs),
  };
}

/** The newest kept answer that nothing was made of though it may hold a secret: of an attempt that is still in doubt. */
export function answerToFinishFrom(
  record: JournalRecord,
  answers: readonly FoundAnswer[],
): FoundAnswer | undefined {
  return answers.findLast(
    ({ raw, salvaged }) =>
      salvaged !== null &&
      raw !== 'unreadable' &&
      raw.attempt.generation === record.generation &&
      (doubtOf(record, raw.attempt) !== null || record.intent?.id === raw.attempt.id),
  );
}

/** Where neither store nor journal can be read: the secret that the newest answer brought. */
export function secretInAnswers({ answers, settings, id }: RecoveryFound): StoredView | null {
  for (const { raw, outcome, salvaged } of answers.toReversed()) {
    const secret: Credential | null = outcome?.kind === 'granted' ? outcome.newSecret : salvaged;
    if (raw === 'unreadable' || secret === null) continue;
    const { text, fingerprint } = secret;
    return { text, fingerprint, generation: raw.attempt.generation + 1, owner: id, origin: settings.origin };
  }
  return null;
}

function heldSecret({ text, fingerprint, generation }: HeldSecret): HeldSecret {
  return { text, fingerprint, generation };
}
