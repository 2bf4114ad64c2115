import type { Failure } from './agent-event.ts';
import type { AgentSettings, AgentState } from './agent-state.ts';
import { untilDrawMs } from './bucket.ts';
import type { ErrorCode } from './errors.ts';
import { haltedInDoubt } from './facts.ts';
import type { Holder } from './holder.ts';
import { refusalCode } from './ledger-refusals.ts';
import { planAttempt, slotToSpend } from './plan.ts';
import { untilMs } from './schedule.ts';
import { doubtIn, pendingCandidate } from './slots.ts';
import type { Stamp } from './stamp.ts';
import { wayOut } from './way-out.ts';

/** Why a request from outside cannot be met now, and what its caller is told. */

export interface Obstacle extends Failure {
  readonly retryAfterMs: number | null;
}

/** A caller does not wait longer than this for a replay that is planned; it is told to come back. */
const patienceMs = 20_000;

/** Why no refresh can come soon; null where one may start, or is under way. */
export function refreshObstacle(state: AgentState, now: Stamp): Obstacle | null {
  if (state.phase.name === 'saving') return unsavedObstacle(state, now);
  if (state.phase.name !== 'waiting' && state.phase.name !== 'probing') return null;
  return personNeeded(state, now) ?? notYet(state, now);
}

/** A save that failed is repeated first, whatever is asked for; null where none did. */
export function unsavedObstacle({ phase, unsaved }: AgentState, now: Stamp): Obstacle | null {
  if (phase.name !== 'saving' || phase.retryAt === null) return null;
  const code = unsaved === null ? 'STORE_UNAVAILABLE' : 'SECRET_NOT_PERSISTED';
  const detail =
    'what happened last could not be saved yet, and nothing else starts before it is; mend the store';
  return obstacle(code, detail, untilMs(phase.retryAt, now));
}

/** Reasons that time alone does not mend. */
function personNeeded(state: AgentState, now: Stamp): Obstacle | null {
  const { settings, storeTrouble, blocked, record } = state;
  const elsewhere = holderObstacle(state);
  if (elsewhere !== null) return elsewhere;
  if (!state.opened) {
    const next = planAttempt(state, now);
    return obstacle(
      'STORE_UNAVAILABLE',
      storeTrouble?.detail ?? 'the secret store is not open',
      next.do === 'wait' ? next.afterMs : null,
    );
  }
  if (pendingCandidate(state) === null) {
    if (blocked !== null) return { ...blockedFailure(blocked, settings), retryAfterMs: null };
    if (record === null || state.current === null) {
      return obstacle(
        'SECRET_ABSENT',
        `${settings.agent} has no secret yet; ${wayOut('SECRET_ABSENT', settings.agent, settings.creates)}`,
        null,
      );
    }
  }
  if (haltedInDoubt(state)) {
    return obstacle(
      'IN_DOUBT',
      `an answer was lost and in_doubt is halt; ${wayOut('IN_DOUBT', settings.agent, settings.creates)}`,
      null,
    );
  }
  return null;
}

/** Reasons that pass. */
function notYet(state: AgentState, now: Stamp): Obstacle | null {
  const { record, settings } = state;
  const slot = slotToSpend(state);
  if (record === null || slot === null) return null;
  const next = planAttempt({ ...state, refreshRequests: ['now'] }, now);
  if (next.do !== 'wait') return null;
  const refused = record.refusal;
  if (next.for === 'refusal-pace' && refused !== null && refused.kind !== 'suspected') {
    return obstacle(
      refusalCode(refused.kind),
      `the server refuses the secret; ${wayOut(refusalCode(refused.kind), settings.agent, settings.creates)}`,
      next.afterMs,
    );
  }
  if (doubtIn(state, slot) !== null) {
    return next.afterMs > patienceMs
      ? obstacle('IN_DOUBT', 'an answer was lost; the same secret is sent again soon', next.afterMs)
      : null;
  }
  if (next.for === 'retry-after')
    return obstacle('SERVER_RATE_LIMITED', 'the server asked to wait', next.afterMs);
  const untilDraw = untilDrawMs(record.bucket, settings.maxExchangesPerMinute, now);
  return untilDraw > 0
    ? obstacle(
        'RATE_LIMITED',
        `the exchanges a minute of ${settings.agent} are used up (max_exchanges_per_minute: ${settings.maxExchangesPerMinute}); to wait for the next one: \`tokenward refresh ${settings.agent} --wait\``,
        untilDraw,
      )
    : null;
}

export function obstacle(code: ErrorCode, detail: string, retryAfterMs: number | null): Obstacle {
  return { code, detail, retryAfterMs };
}

/** Why no secret can be taken now. A candidate goes before most troubles, but it needs a store that is ours and readable. */
export function handOverObstacle(state: AgentState): Obstacle | null {
  const { storeTrouble, blocked } = state;
  const elsewhere = holderObstacle(state);
  if (elsewhere !== null) return elsewhere;
  if (!state.opened) {
    const { code, detail } = storeTrouble ?? {
      code: 'STORE_UNAVAILABLE',
      detail: 'the secret store is not open',
    };
    return obstacle(code, detail, null);
  }
  if (blocked?.code !== 'STATE_UNREADABLE' && blocked?.code !== 'STORE_MISMATCH') return null;
  return { ...blockedFailure(blocked, state.settings), retryAfterMs: null };
}

/** What blocks the agent, and what a person can do about it. */
export function blockedFailure(
  { code, detail }: Failure,
  { agent, creates }: Pick<AgentSettings, 'agent' | 'creates'>,
): Failure {
  return { code, detail: `${detail}; ${wayOut(code, agent, creates)}` };
}

/** Another process has the agent. */
export function holderObstacle({ heldElsewhere, settings }: AgentState): Obstacle | null {
  if (heldElsewhere === null) return null;
  return obstacle('AGENT_HELD', heldText(settings.agent, heldElsewhere), null);
}

export function heldText(agent: string, { holderPid, holder }: Holder): string {
  const who = holder ?? (holderPid === null ? 'another process' : `process ${holderPid}`);
  return `${who} holds the agent ${agent}; ask that one, or stop it first`;
}
