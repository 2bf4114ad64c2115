import type { AgentEffect, Transition } from './agent-effect.ts';
import type { AgentEvent, InterpretedRaw, Moment, OpenedView } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import type { Attempt, HeldSecret, JournalRecord } from './journal-entry.ts';
import { afterAdoption, afterDoubt, afterUnjudged, doubtOf } from './ledger.ts';
import { blockedFailure } from './obstacle.ts';
import { newerInMemory, writeAnew } from './older-copy.ts';
import { tokenUsable } from './plan.ts';
import { compareStore, type StoreVerdict } from './reconcile.ts';
import type { Stamp } from './stamp.ts';
import { servesAsStandby } from './standby.ts';
import { failRefreshes, rest } from './transition-advance.ts';
import { settle } from './transition-outcome.ts';
import { after, pausedForStore, startSaving, troubleSince } from './transition-parts.ts';

/** A start, and every later opening: what the crash, the restore or the copy left behind is brought to a state to go on from. */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

export function onOpenFailed(
  state: AgentState,
  event: Of<'open-failed'>,
  moment: Moment,
): Transition<AgentState> {
  const { failure } = event;
  const note: AgentEffect = { do: 'note', note: { event: 'open-failed', ...failure } };
  // Damage does not heal by asking again.
  if (failure.code === 'STATE_UNREADABLE') {
    const blocked = troubleSince(state.blocked, failure, moment);
    const failed = failRefreshes(
      { ...state, opened: true, heldElsewhere: null, storeTrouble: null, blocked },
      blockedFailure(failure, state.settings),
      moment,
    );
    return after([note, ...failed.effects], rest(failed.state, moment));
  }
  const storeTrouble = troubleSince(state.storeTrouble, failure, moment);
  // What was known of the holder of a shared store is no less true because nobody answers now.
  const heldElsewhere = servesAsStandby(state.settings) ? state.heldElsewhere : null;
  const next = pausedForStore({ ...state, heldElsewhere, opened: false, storeTrouble }, moment);
  const failed = failRefreshes(next, { code: 'STORE_UNAVAILABLE', detail: failure.detail }, moment);
  return after([note, ...failed.effects], rest(failed.state, moment));
}

export function onOpened(state: AgentState, event: Of<'opened'>, moment: Moment): Transition<AgentState> {
  const newer = newerInMemory(state, event.view);
  const view = newer === null ? event.view : { ...event.view, record: newer, session: state.token, raws: [] };
  const missing = missingKeyDetail(view) ?? missingStateDetail(state, view);
  if (missing !== null) {
    return onOpenFailed(
      { ...state, heldElsewhere: null },
      { type: 'open-failed', failure: { code: 'STORE_UNAVAILABLE', detail: missing } },
      moment,
    );
  }
  const opened: AgentState = {
    ...state,
    opened: true,
    heldElsewhere: null,
    observationDue: false,
    storeTrouble: null,
    failures: 0,
    backoffUntil: null,
    identity: view.identity,
  };
  const verdict = verdictOn(view, state.settings.origin);
  const record = readable(view.record);
  // What this process served before goes on where the folder has nothing to say about it.
  const token = readable(view.session) ?? (tokenUsable(state, moment.now) ? state.token : null);
  const blocked = verdict.kind === 'blocked' ? troubleSince(state.blocked, verdict, moment) : null;
  const proved = state.proved && token !== null && state.token?.sequence === token.sequence;
  const known: AgentState = { ...opened, record, token, proved, blocked, ...secretsOf(verdict) };
  // The outputs of an earlier life may be gone or stale; bringing them to a token that they have costs nothing.
  const published: AgentEffect[] =
    token !== null && tokenUsable(known, moment.now) ? [{ do: 'publish', token }] : [];
  if (newer !== null && (verdict.kind === 'agree' || verdict.kind === 'recommit')) {
    const note: AgentEffect = {
      do: 'note',
      note: { event: 'secret-recommitted', generation: newer.generation },
    };
    return after([note, ...published], writeAnew(known, state, newer, verdict));
  }
  const raws = readable(view.raws) ?? [];
  return after(
    published,
    record === null ? rest(known, moment) : resume(known, record, verdict, raws, moment),
  );
}

/** A block takes nothing from a token that can be read: it is served to its end. */
export function readable<Found>(found: Found | 'unreadable'): Found | null {
  return found === 'unreadable' ? null : found;
}

/** What can be said of store and journal together, as far as they can be read. */
export function verdictOn(view: OpenedView, origin: string): StoreVerdict {
  const { record, session, raws, identity } = view;
  if (record !== 'unreadable' && session !== 'unreadable' && raws !== 'unreadable')
    return compareStore(record, view, { identity, origin });
  const detail = 'a sealed record in the state folder cannot be opened with the wrapping key';
  return { kind: 'blocked', code: 'STATE_UNREADABLE', detail, current: null, candidate: null };
}

/** A store that answers without a key: nothing was ever sealed (then all is well), or the key went away. */
export function missingKeyDetail(view: OpenedView): string | null {
  const somethingSealed = view.sealedStatePresent || view.current !== null || view.candidate !== null;
  if (view.keyPresent || !somethingSealed) return null;
  return 'the wrapping key is missing, and what it seals cannot be read; bring the key back (never make a new one over it)';
}

/** What this process has read or written itself was not there by mistake: an empty folder in its place is no new beginning. */
function missingStateDetail({ record, settings }: AgentState, view: OpenedView): string | null {
  if (record === null || view.record !== null) return null;
  return `the state of ${settings.agent} was removed while in use; bring the state folder back, or restart the daemon to begin anew`;
}

function secretsOf(verdict: StoreVerdict): Pick<AgentState, 'current' | 'candidate'> {
  const current = verdict.kind === 'agree' || verdict.kind === 'blocked' ? verdict.current : verdict.secret;
  return { current, candidate: verdict.candidate };
}

/** Finishes what an earlier process began: an answer on disk first, then the store that is ahead, the doubt, the store that is behind. */
function resume(
  state: AgentState,
  record: JournalRecord,
  verdict: StoreVerdict,
  raws: readonly InterpretedRaw[],
  moment: Moment,
): Transition<AgentState> {
  const answered = raws.find((raw) => raw.attempt.id === record.intent?.id) ?? grantedInDoubt(record, raws);
  if (answered !== undefined && maySettle(verdict, answered))
    return settle({ ...state, answerKept: true }, answered, moment);
  if (verdict.kind === 'adopt') return adopt(state, record, verdict.secret);
  if (record.intent !== null) return interrupted(state, record, record.intent, verdict, moment);
  return verdict.kind === 'recommit' ? recommit(state, record, verdict.secret) : rest(state, moment);
}

/** A store that is ahead got its secret from this very answer, or the answer is an older one. */
function maySettle(verdict: StoreVerdict, { attempt, outcome }: InterpretedRaw): boolean {
  if (verdict.kind !== 'adopt') return !blocks(verdict, attempt);
  return outcome.kind === 'granted' && outcome.newSecret?.fingerprint === verdict.secret.fingerprint;
}

/** A block stops every secret but a candidate that can be read. */
function blocks(verdict: StoreVerdict, { slot }: Attempt): boolean {
  return verdict.kind === 'blocked' && (slot !== 'candidate' || verdict.candidate === null);
}

/** An attempt whose end nobody knows. */
function interrupted(
  state: AgentState,
  record: JournalRecord,
  intent: Attempt,
  verdict: StoreVerdict,
  moment: Moment,
): Transition<AgentState> {
  const found: AgentEffect = { do: 'note', note: { event: 'doubt-found', slot: intent.slot } };
  const next = state.settings.rotates
    ? afterDoubt(record, intent, moment.now, servesAsStandby(state.settings))
    : afterUnjudged(
        record,
        intent,
        { kind: 'in-doubt', detail: 'interrupted', retryAfterMs: null },
        moment.now,
      );
  const doubting: AgentState = { ...state, record: next };
  // Behind a block it is known, but not written: once the block is gone, a start finds the attempt and its answer as they were.
  if (blocks(verdict, intent)) return after([found], rest(doubting, moment));
  return after([found], startSaving(doubting, [{ save: 'record', record: next }], { kind: 'outcome' }));
}

/** In a doubt, an older answer that this version can read after all. The newest one counts. */
function grantedInDoubt(record: JournalRecord, raws: readonly InterpretedRaw[]): InterpretedRaw | undefined {
  return raws.findLast(
    ({ attempt, outcome }) =>
      outcome.kind === 'granted' &&
      attempt.generation === record.generation &&
      doubtOf(record, attempt) !== null,
  );
}

export function recommit(
  state: AgentState,
  record: JournalRecord,
  secret: HeldSecret,
): Transition<AgentState> {
  const saving = startSaving(state, [{ save: 'current', secret, record }], { kind: 'recommit' });
  return after(
    [{ do: 'note', note: { event: 'secret-recommitted', generation: secret.generation } }],
    saving,
  );
}

export function adopt(state: AgentState, record: JournalRecord, secret: HeldSecret): Transition<AgentState> {
  const next = afterAdoption(record, secret, state.token?.sequence ?? 0);
  const saving = startSaving(
    { ...state, current: secret, record: next },
    [{ save: 'record', record: next }],
    { kind: 'outcome' },
  );
  return after(
    [{ do: 'note', note: { event: 'newer-secret-adopted', generation: secret.generation } }],
    saving,
  );
}

/** The agent's state was taken away on purpose: what this process remembers of it is over, but for a token that is served to its end. */
export function withoutState(state: AgentState, now: Stamp): AgentState {
  return { ...state, record: null, token: tokenUsable(state, now) ? state.token : null };
}
