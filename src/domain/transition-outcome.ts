import type { AgentEffect, Transition } from './agent-effect.ts';
import type { AgentEvent, Moment } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import type { Attempt, JournalRecord } from './journal-entry.ts';
import {
  afterCandidateRefused,
  afterOnlySecretRefused,
  afterRefusal,
  refusalCode,
} from './ledger-refusals.ts';
import { afterDoubt, afterGrant, afterUnjudged, codeOf } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import { afterReplacement, replacesRejected } from './rejection.ts';
import type { SaveStep } from './save-step.ts';
import type { Credential, Fingerprint } from './secret.ts';
import { credentialIn } from './slots.ts';
import { elapsedMs } from './stamp.ts';
import { lifeMs, type Token } from './token.ts';
import { failRefreshes } from './transition-advance.ts';
import { buryWithSecret, diesWithSecret } from './transition-death.ts';
import { after, paused, reply, startSaving, troubleSince, unchanged } from './transition-parts.ts';
import { secretAdvice } from './way-out.ts';

/** What each outcome of an attempt leads to: the next record, and the steps that make it durable (DESIGN §3, steps 8 to 10). */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;
type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>;

/** An attempt whose outcome is known, in a state that has a record. */
interface Settling<Kind extends Outcome['kind'] = Outcome['kind']> {
  readonly state: AgentState;
  readonly record: JournalRecord;
  readonly attempt: Attempt;
  readonly outcome: OutcomeOf<Kind>;
  readonly moment: Moment;
}

export function onInterpreted(
  state: AgentState,
  { outcome }: Of<'interpreted'>,
  moment: Moment,
): Transition<AgentState> {
  const { phase } = state;
  if (phase.name !== 'interpreting') return unchanged(state);
  const { attempt, answeredAt } = phase;
  const detail = outcome.kind === 'granted' ? '' : outcome.detail;
  const tookMs = elapsedMs(attempt.sentAt, answeredAt);
  const ended: AgentEffect = {
    do: 'note',
    note: { event: 'exchange-ended', attempt, outcome: outcome.kind, detail, tookMs },
  };
  return after([ended], settle(state, { attempt, outcome }, moment));
}

/** Also called at a start, with an answer that was found on disk. */
export function settle(
  state: AgentState,
  { attempt, outcome }: { readonly attempt: Attempt; readonly outcome: Outcome },
  moment: Moment,
): Transition<AgentState> {
  const { record } = state;
  if (record === null) return unchanged(state);
  const common = { state, record, attempt, moment };
  if (outcome.kind === 'granted') return granted({ ...common, outcome });
  if (outcome.kind === 'refused') return refused({ ...common, outcome });
  return unanswered({ ...common, outcome });
}

function granted({ state, record, attempt, outcome, moment }: Settling<'granted'>): Transition<AgentState> {
  // After a crash the store may already hold the new secret; then the journal still has the spent one.
  const spent =
    [credentialIn(state, attempt.slot), record.kept].find(
      (held) => held?.fingerprint === attempt.fingerprint,
    ) ?? null;
  const next = outcome.newSecret ?? spent;
  if (next === null) return unchanged(state);
  const token = outcome.token ?? spent;
  if (token === null) return unchanged(state);
  const { rotates, origin } = state.settings;
  const rejections = replacesRejected(state) ? afterReplacement(state, moment.now) : null;
  const grant = { spent, next, rotates, rejections, identity: state.identity ?? record.identity, origin };
  const closed = numberedAfter(
    state.token,
    token.fingerprint,
    afterGrant(record, attempt, grant, moment.now),
  );
  const secret = { text: next.text, fingerprint: next.fingerprint, generation: closed.generation };
  const steps: SaveStep[] = [
    ...(closed.generation === record.generation
      ? []
      : ([{ save: 'current', secret, record: closed }] as const)),
    { save: 'session', token: sessionOf(state, closed, attempt, token, outcome.ttlMs, moment) },
    { save: 'record', record: closed },
    ...(attempt.slot === 'candidate' ? ([{ save: 'candidate-removed' }] as const) : []),
    { save: 'raws-dropped', attempt: null },
  ];
  const found = state.phase.name === 'opening' && ({ found: true } as const);
  const saving = startSaving(state, steps, { kind: 'grant', slot: attempt.slot, ...found });
  if (rejections === null) return saving;
  return after([{ do: 'note', note: { event: 'token-replaced', sequence: closed.sequence } }], saving);
}

/** A disk may have kept the session of a token whose journal and answer it lost: the number of that one is taken. */
function numberedAfter(
  session: Token | null,
  fingerprint: Fingerprint,
  closed: JournalRecord,
): JournalRecord {
  const isTaken =
    session !== null && session.sequence >= closed.sequence && session.fingerprint !== fingerprint;
  return isTaken ? { ...closed, sequence: session.sequence + 1 } : closed;
}

/** A session of this very token may be on disk already, when the crash came between it and the journal: then that one stands. */
function sessionOf(
  { token, settings, refreshTrouble }: AgentState,
  closed: JournalRecord,
  attempt: Attempt,
  { text, fingerprint }: Credential,
  grantedMs: number | null,
  moment: Moment,
): Token {
  if (token?.sequence === closed.sequence && token.fingerprint === fingerprint) return token;
  return {
    text,
    fingerprint,
    sequence: closed.sequence,
    generation: closed.generation,
    sentAt: attempt.sentAt,
    ttlMs: grantedMs ?? lifeMs(settings, attempt),
    jitterDraw: moment.draw,
    ...(refreshTrouble !== null && ({ afterTrouble: true } as const)),
  };
}

function refused(settling: Settling<'refused'>): Transition<AgentState> {
  const { state, record, attempt, outcome, moment } = settling;
  if (attempt.slot === 'candidate') return candidateRefused(settling);
  const { settings } = state;
  const mayTryPrevious = settings.rotates && settings.inDoubt === 'replay_once';
  const judged = afterRefusal(record, attempt, mayTryPrevious, outcome.detail, moment.now);
  const known: AgentState = {
    ...state,
    record: judged,
    report: null,
    failures: 0,
    backoffUntil: null,
    refreshTrouble: null,
  };
  const saving = diesWithSecret(state, attempt)
    ? buryWithSecret(known, attempt, judged, moment)
    : saveOutcome(known, attempt, judged);
  const kind = judged.refusal?.kind ?? 'refused';
  // The previous secret is tried at once; whoever waits for a refresh waits for that.
  if (kind === 'suspected') return saving;
  const failed = failRefreshes(saving.state, { code: refusalCode(kind), detail: outcome.detail }, moment);
  return { state: failed.state, effects: [...saving.effects, ...failed.effects] };
}

function candidateRefused({
  state,
  record,
  attempt,
  outcome,
  moment,
}: Settling<'refused'>): Transition<AgentState> {
  const { candidate, verdictRequest } = state;
  const before = state.current === null ? '' : 'the one in use before stands; ';
  const advice = `${before}${secretAdvice(state.settings)}`;
  const detail = `the server refused the new secret (${outcome.detail}); ${advice}`;
  const verdict =
    verdictRequest === null
      ? []
      : [reply(verdictRequest.request, 'judged', { code: 'HANDOVER_REFUSED', detail, retryAfterMs: null })];
  const told: AgentState = {
    ...state,
    verdictRequest: null,
    failures: 0,
    backoffUntil: null,
    refreshTrouble: null,
  };
  if (state.current !== null || candidate === null) {
    return after(verdict, saveOutcome(told, attempt, afterCandidateRefused(record, attempt, moment.now)));
  }
  const place = { identity: state.identity ?? record.identity, origin: state.settings.origin };
  const next = afterOnlySecretRefused(record, candidate, place, outcome.detail, moment.now);
  const secret = { ...candidate, generation: next.generation };
  const steps: SaveStep[] = [
    { save: 'record', record: next },
    { save: 'current', secret, record: next },
    { save: 'candidate-removed' },
    { save: 'raws-dropped', attempt: attempt.id },
  ];
  const saving = startSaving({ ...told, record: next }, steps, { kind: 'outcome' });
  const failed = failRefreshes(
    saving.state,
    { code: refusalCode(next.refusal?.kind === 'lost' ? 'lost' : 'refused'), detail: outcome.detail },
    moment,
  );
  return { state: failed.state, effects: [...verdict, ...saving.effects, ...failed.effects] };
}

type Unanswered = Exclude<Outcome['kind'], 'granted' | 'refused'>;

/** The secret was not judged, or nobody knows. Only the second leaves a doubt, and its answer stays on disk. */
function unanswered({
  state,
  record,
  attempt,
  outcome,
  moment,
}: Settling<Unanswered>): Transition<AgentState> {
  const doubtful = outcome.kind === 'in-doubt' && state.settings.rotates;
  const next = doubtful
    ? afterDoubt(record, attempt, moment.now)
    : afterUnjudged(record, attempt, outcome, moment.now);
  const retryAfterMs = 'retryAfterMs' in outcome ? outcome.retryAfterMs : null;
  const failure = { code: codeOf(outcome) ?? 'SERVER_TROUBLE', detail: outcome.detail };
  const trouble = troubleSince(state.refreshTrouble, failure, moment);
  const slower = paused({ ...state, refreshTrouble: trouble }, retryAfterMs, moment);
  const saving = doubtful
    ? startSaving({ ...slower, record: next }, [{ save: 'record', record: next }], { kind: 'outcome' })
    : saveOutcome(slower, attempt, next);
  const failed = failRefreshes(saving.state, failure, moment);
  return { state: failed.state, effects: [...saving.effects, ...failed.effects] };
}

/** The end of an attempt is known: it goes into the record, and its answer need not be kept. */
function saveOutcome(state: AgentState, attempt: Attempt, record: JournalRecord): Transition<AgentState> {
  const steps: SaveStep[] = [
    { save: 'record', record },
    { save: 'raws-dropped', attempt: attempt.id },
  ];
  return startSaving({ ...state, record }, steps, { kind: 'outcome' });
}
