import type { AgentEffect, Note, Transition } from './agent-effect.ts';
import type { AgentEvent, Moment } from './agent-event.ts';
import type { AgentState, TokenReport } from './agent-state.ts';
import type { JournalRecord, Refusal } from './journal-entry.ts';
import { tokenUsable } from './plan.ts';
import { afterLook, isReported, rejectionStreak } from './rejection.ts';
import { backoffMs } from './schedule.ts';
import { pendingCandidate } from './slots.ts';
import { addMs } from './stamp.ts';
import type { Token } from './token.ts';
import { advance, buryToken, rest } from './transition-advance.ts';
import { after, startSaving, troubleSince, unchanged } from './transition-parts.ts';

/** What shippers and probes say of the token, and what comes of it: nothing, another token, or its end (DESIGN §4). */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;
type VerdictOf<Kind extends Of<'probed'>['verdict']['kind']> = Extract<
  Of<'probed'>['verdict'],
  { kind: Kind }
>;

/** Milliseconds between a probe that was rejected by itself and the one that confirms it. */
const confirmAfterMs = 500;
/** The longest pause after probes that said nothing, milliseconds. */
const probeRetryCapMs = 60_000;

/** However many are refused with the token, one look follows. Who was refused with another token than this has a newer one to fetch. */
export function onTokenReported(
  state: AgentState,
  { fingerprint, certain }: Of<'token-reported'>,
  moment: Moment,
): Transition<AgentState> {
  const { token } = state;
  if (token === null || token.fingerprint !== fingerprint || !tokenUsable(state, moment.now))
    return unchanged(state);
  const standing = isReported(state) ? state.report : null;
  if (standing !== null && (standing.certain || !certain)) return unchanged(state);
  const report: TokenReport = {
    sequence: token.sequence,
    certain,
    since: standing?.since ?? moment.now,
    looked: standing?.looked ?? false,
  };
  return after([note('token-reported', token)], advance({ ...state, report }, moment));
}

export function onProbed(state: AgentState, event: Of<'probed'>, moment: Moment): Transition<AgentState> {
  const { phase, token } = state;
  if (phase.name !== 'probing' || phase.id !== event.id || token === null) return unchanged(state);
  const { verdict } = event;
  const asked: AgentState = { ...state, phase: { name: 'waiting' } };
  if (verdict.kind === 'unknown') return learnedNothing(asked, verdict, moment);
  const known: AgentState = { ...asked, probedAt: moment.now, probeFailures: 0, probeAfter: null };
  switch (verdict.kind) {
    case 'works':
      return letIn({ ...withoutTrouble(known), forbidden: null }, token, moment);
    case 'forbidden': {
      const failure = { code: 'TOKEN_REJECTED', detail: verdict.detail } as const;
      return letIn({ ...known, forbidden: troubleSince(state.forbidden, failure, moment) }, token, moment);
    }
    case 'rejected':
      return rejected(known, token, verdict, moment);
  }
}

function learnedNothing(
  state: AgentState,
  verdict: VerdictOf<'unknown'>,
  moment: Moment,
): Transition<AgentState> {
  const { code, detail } = verdict;
  const probeFailures = state.probeFailures + 1;
  const pause = backoffMs(probeFailures, probeRetryCapMs, moment.draw);
  const failed: AgentState = { ...state, probeFailures, probeAfter: addMs(moment.now, pause) };
  // Where nothing is served before the token is proved, this is why.
  const trouble = tokenUsable(state, moment.now)
    ? state.refreshTrouble
    : troubleSince(state.refreshTrouble, { code, detail }, moment);
  const told: AgentEffect[] = [{ do: 'note', note: { event: 'probe-failed', code, detail } }];
  return after(told, rest({ ...failed, refreshTrouble: trouble }, moment));
}

/** Where the secret is the token, a probe has shown what another attempt would. */
function withoutTrouble(state: AgentState): AgentState {
  if (state.settings.exchange || pendingCandidate(state) !== null) return state;
  return { ...state, refreshTrouble: null, failures: 0, backoffUntil: null };
}

/** The server knows the token. Where somebody was refused with it all the same, that was no revocation. */
function letIn(state: AgentState, token: Token, moment: Moment): Transition<AgentState> {
  const wasServed = tokenUsable(state, moment.now);
  const proved: AgentState = wasServed ? state : { ...state, proved: true, refreshTrouble: null };
  const published = publishedNow(wasServed, proved, moment, note('token-proved', token));
  const { record } = proved;
  if (!isReported(proved) || record === null) return after(published, rest(proved, moment));
  const rejections = afterLook(proved, moment.now);
  return after(
    [...published, note('rejection-not-confirmed', token)],
    saveRecord({ ...proved, report: null }, { ...record, rejections }),
  );
}

/** The first time it is a report like others, and one more look confirms it. */
function rejected(
  state: AgentState,
  token: Token,
  { detail }: VerdictOf<'rejected'>,
  moment: Moment,
): Transition<AgentState> {
  const { settings, report, record, current } = state;
  if (report === null || !isReported(state)) {
    const own: TokenReport = { sequence: token.sequence, certain: false, since: moment.now, looked: false };
    const probeAfter = addMs(moment.now, confirmAfterMs);
    return after([note('token-reported', token)], rest({ ...state, report: own, probeAfter }, moment));
  }
  if (!settings.exchange) {
    const isCurrent = current?.fingerprint === token.fingerprint;
    return buryToken(state, moment, isCurrent ? refusalNow(record, detail, moment) : null);
  }
  if (rejectionStreak(state, moment.now) === 0) return buryToken(state, moment);
  // It had just taken the place of a rejected one: to take it away would help nobody, and another one comes at its pace.
  const again: AgentState = { ...state, proved: true, report: { ...report, looked: true } };
  const published = publishedNow(tokenUsable(state, moment.now), again, moment);
  return after([note('token-rejected-again', token), ...published], rest(again, moment));
}

/** The outputs get what was not served before the look. */
function publishedNow(
  wasServed: boolean,
  state: AgentState,
  { now }: Moment,
  ...told: readonly AgentEffect[]
): readonly AgentEffect[] {
  const { token } = state;
  if (wasServed || token === null || !tokenUsable(state, now)) return [];
  return [...told, { do: 'publish', token }];
}

/** The secret is the token, so that the probe has judged it. */
function refusalNow(record: JournalRecord | null, detail: string, { now }: Moment): Refusal {
  return { kind: 'refused', since: record?.refusal?.since ?? now, lastTryAt: now, tries: 1, detail };
}

function saveRecord(state: AgentState, record: JournalRecord): Transition<AgentState> {
  return startSaving(state, [{ save: 'record', record }], { kind: 'outcome' });
}

function note(event: Extract<Note, { sequence: number }>['event'], { sequence }: Token): AgentEffect {
  return { do: 'note', note: { event, sequence } };
}
