import type { StoredView } from './agent-event.ts';
import type { ErrorCode } from './errors.ts';
import type { Doubt, JournalRecord } from './journal-entry.ts';
import { doubtOf } from './ledger.ts';
import { awaitsPerson } from './plan.ts';
import type { StoreVerdict } from './reconcile.ts';
import type { RecoveryFound } from './recovery-found.ts';
import { offer, type Offer, type Situation } from './recovery-offers.ts';
import {
  answerToFinishFrom,
  everything,
  finishedFrom,
  reboundToMachine,
  reboundToServer,
  replayAllowed,
  secretInAnswers,
  setAside,
  takenIntoJournal,
  takenIntoNewJournal,
  unreadableParts,
  type RecoveryStep,
} from './recovery-steps.ts';
import { missingKeyDetail, readable, verdictOn } from './transition-open.ts';
import { wayOut } from './way-out.ts';

/** Which situation an agent is in: one function for each thing that can be the matter, in the order in which a start finds them. */

type Blocked = Extract<StoreVerdict, { kind: 'blocked' }>;

export function situationOf(found: RecoveryFound): Situation {
  const { view, settings } = found;
  const missingKey = missingKeyDetail(view);
  if (missingKey !== null) return keyMissing(found, missingKey);
  const verdict = verdictOn(view, settings.origin);
  const record = readable(view.record);
  if (verdict.kind === 'blocked') return blocked(found, record, verdict);
  if (record === null) return unprovisioned(found);
  return open(found, record);
}

/** Where no action is the safe one. */
function onlyNewSecret(
  code: ErrorCode,
  summary: string,
  advice: string,
  offers: readonly Offer[],
): Situation {
  return { matter: { code, summary }, remedy: 'new-secret', recommended: null, advice, offers };
}

/** The first offer is the one to take. */
function withAction(
  code: ErrorCode,
  summary: string,
  advice: string,
  [first, ...others]: readonly [Offer, ...Offer[]],
): Situation {
  const recommended = first.action.name;
  return { matter: { code, summary }, remedy: 'action', recommended, advice, offers: [first, ...others] };
}

function keyMissing({ settings }: RecoveryFound, detail: string): Situation {
  const advice = `only that key opens what is sealed: bring it back from a backup, and the agent goes on by itself; where it is lost for good, \`tokenward recover ${settings.agent} --action set-aside\` and then \`tokenward enroll ${settings.agent}\` begin anew`;
  return onlyNewSecret('STORE_UNAVAILABLE', detail, advice, [offer('set-aside', setAside(everything))]);
}

function unprovisioned({ settings }: RecoveryFound): Situation {
  const summary = `${settings.agent} has no secret yet`;
  return onlyNewSecret('SECRET_ABSENT', summary, enrol(settings), []);
}

function enrol({ agent, creates }: RecoveryFound['settings']): string {
  if (!creates) return wayOut('SECRET_ABSENT', agent, creates);
  return `run \`tokenward enroll ${agent}\`, or \`tokenward import ${agent}\` where you have a secret`;
}

/** The table of `domain/reconcile.ts`, for a person. */
function blocked(found: RecoveryFound, record: JournalRecord | null, verdict: Blocked): Situation {
  if (verdict.code === 'STATE_UNREADABLE') return unreadable(found, record);
  if (record === null || verdict.code === 'STORE_MISMATCH') return foreignStore(found, record, verdict);
  const { view, settings } = found;
  const { code, detail } = verdict;
  switch (code) {
    case 'STATE_CLONED': {
      const adopt = offer('adopt', reboundToMachine(record, view.identity), 'machine');
      const advice = `adopt where the machine or volume that wrote it never runs this agent again; else give this one a secret of its own: ${enrol(settings)}`;
      return withAction(code, detail, advice, [adopt]);
    }
    case 'SERVER_CHANGED': {
      const adopt = offer('adopt', reboundToServer(record, settings.origin), 'server');
      const advice = `adopt where the same server has a new address; where url is wrong, set it back; a new server needs a new secret: ${enrol(settings)}`;
      return withAction(code, detail, advice, [adopt]);
    }
    default:
      return rolledBack(found, record, verdict);
  }
}

function rolledBack(found: RecoveryFound, record: JournalRecord, { code, detail }: Blocked): Situation {
  const { view, settings } = found;
  const stored = readable(view.current) ?? storedAs(record, record.kept ?? record.previous);
  const steps =
    stored === null
      ? null
      : takenIntoJournal(found, record, { current: stored, candidate: readable(view.candidate) });
  const advice = `the stored secret is most likely spent, so the safe step is a new one: ${enrol(settings)}`;
  return onlyNewSecret(code, detail, advice, steps === null ? [] : [offer('adopt', steps, 'older')]);
}

function storedAs(
  { stateId, origin }: JournalRecord,
  secret: Pick<StoredView, 'text' | 'fingerprint' | 'generation'> | null,
): StoredView | null {
  if (secret === null) return null;
  const { text, fingerprint, generation } = secret;
  return { text, fingerprint, generation, owner: stateId, origin };
}

function foreignStore(
  found: RecoveryFound,
  record: JournalRecord | null,
  { detail }: Pick<Blocked, 'detail'>,
): Situation {
  const { view, settings } = found;
  const secrets = { current: readable(view.current), candidate: readable(view.candidate) };
  const steps =
    record === null ? takenIntoNewJournal(found, secrets) : takenIntoJournal(found, record, secrets);
  const advice = `adopt where the folder that wrote it is gone or never used again; else bring that folder back and restart the daemon; set-aside and then \`tokenward enroll ${settings.agent}\` begin anew`;
  return withAction('STORE_MISMATCH', detail, advice, [
    offer('adopt', steps, 'folder'),
    offer('set-aside', setAside(everything)),
  ]);
}

function unreadable(found: RecoveryFound, record: JournalRecord | null): Situation {
  const { settings } = found;
  const parts = unreadableParts(found);
  const summary = `the wrapping key does not open ${parts.map(nameOf).join(', ')}`;
  const restore = 'where the right key or the files can be restored from a backup, do that first';
  const anew = offer('set-aside', setAside(everything));
  if (record !== null) {
    const mended = offer('set-aside-unreadable', setAside(parts));
    return withAction('STATE_UNREADABLE', summary, `${restore}; else go on with what can be read`, [
      mended,
      anew,
    ]);
  }
  const adopted = adoptedReadable(found);
  if (adopted !== null) {
    const steps = [...setAside(parts), ...adopted];
    const advice = `${restore}; else adopt the secret that can be read`;
    return withAction('STATE_UNREADABLE', summary, advice, [offer('adopt', steps, 'journal'), anew]);
  }
  const advice = `${restore}; nothing here holds a secret that can be read, so else set everything aside (\`tokenward recover ${settings.agent} --action set-aside\`) and then run \`tokenward enroll ${settings.agent}\``;
  return onlyNewSecret('STATE_UNREADABLE', summary, advice, [anew]);
}

/** Without a journal: from the store, or from the newest kept answer; null where no secret can be read anywhere. */
function adoptedReadable(found: RecoveryFound): readonly RecoveryStep[] | null {
  const { view } = found;
  const candidate = readable(view.candidate);
  const current = readable(view.current) ?? (candidate === null ? secretInAnswers(found) : null);
  if (current === null && candidate === null) return null;
  return takenIntoNewJournal(found, { current, candidate });
}

function nameOf(part: ReturnType<typeof unreadableParts>[number]): string {
  if (typeof part === 'object') return `the answer to attempt ${part.answer}`;
  return {
    record: 'the journal',
    session: 'the session',
    answers: 'answers',
    current: 'the stored secret',
    candidate: 'the candidate',
  }[part];
}

/** Store and journal agree: what the server said, or did not say, may still be the matter. */
function open(found: RecoveryFound, record: JournalRecord): Situation {
  const answer = answerToFinishFrom(record, found.answers);
  const finish =
    answer === undefined ? [] : [offer('finish-from-answer', finishedFrom(found, record, answer))];
  const drop = found.answers.length === 0 ? [] : [offer('drop-answers', [{ step: 'drop-answers' }])];
  const pending = pendingIn(found, record);
  if (pending === null && record.refusal?.kind === 'refused') {
    const summary =
      'the server refuses the secret, and no answer was ever lost: it was revoked, or a restored backup brought it back';
    return onlyNewSecret('SECRET_REVOKED', summary, enrol(found.settings), [...finish, ...drop]);
  }
  if (pending === null && record.refusal?.kind === 'lost') return lost(found.settings, finish, drop);
  const doubt = pending === null ? standingDoubt(record) : doubtOf(record, { slot: 'candidate', ...pending });
  if (doubt !== null) return inDoubt(found, record, doubt, finish, drop);
  const advice =
    pending === null ? 'nothing is to be done' : 'a new secret waits to be tried; nothing is to be done';
  return { matter: null, remedy: 'none-needed', recommended: null, advice, offers: drop };
}

/** The candidate that waits for a verdict; it goes before everything that is known of the current secret. */
function pendingIn({ view }: RecoveryFound, record: JournalRecord): StoredView | null {
  const candidate = readable(view.candidate);
  if (candidate === null || candidate.origin !== record.origin) return null;
  const facts = record.candidate;
  return facts?.fingerprint === candidate.fingerprint && facts.settled ? null : candidate;
}

function standingDoubt({ current, refusal, previous }: JournalRecord): Doubt | null {
  return current.doubt ?? (refusal?.kind === 'suspected' ? (previous?.doubt ?? null) : null);
}

function lost(
  settings: RecoveryFound['settings'],
  finish: readonly Offer[],
  drop: readonly Offer[],
): Situation {
  const code = 'SECRET_LOST_IN_FLIGHT';
  const summary = 'the server refuses the secret after an exchange whose answer was lost or not understood';
  const [first] = finish;
  if (first === undefined) return onlyNewSecret(code, summary, enrol(settings), drop);
  return withAction(code, summary, 'a kept answer may hold the new secret: go on from it', [first, ...drop]);
}

function inDoubt(
  { settings }: RecoveryFound,
  record: JournalRecord,
  doubt: Doubt,
  finish: readonly Offer[],
  drop: readonly Offer[],
): Situation {
  const summary = `an exchange was sent and nobody knows how it ended (attempts so far: ${doubt.attempts})`;
  const matter = { code: 'IN_DOUBT', summary } as const;
  const halted = settings.inDoubt === 'halt' && awaitsPerson(doubt);
  const replay = halted ? [offer('replay', replayAllowed(record))] : [];
  const [first, ...others] = [...finish, ...replay, ...drop];
  if (first !== undefined && (finish.length > 0 || halted)) {
    const advice =
      finish.length > 0
        ? 'a kept answer seems to hold the new secret: go on from it'
        : 'in_doubt is halt, so nothing is sent before you decide: allow one more attempt, or hand over a new secret';
    return withAction(matter.code, summary, advice, [first, ...others]);
  }
  const advice = 'nothing is to be done: the same secret is sent again until one attempt is answered';
  return { matter, remedy: 'none-needed', recommended: null, advice, offers: drop };
}
