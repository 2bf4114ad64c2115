import type { Transition } from './agent-effect.ts';
import type { AgentEvent, Failure, Moment } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';
import { untilDrawMs } from './bucket.ts';
import type { ErrorCode } from './errors.ts';
import { haltedInDoubt } from './facts.ts';
import { doubtOf, refusalCode } from './ledger.ts';
import { plan, slotToSpend } from './plan.ts';
import { untilMs } from './schedule.ts';
import { pendingCandidate } from './slots.ts';
import type { Stamp } from './stamp.ts';
import { advance, after, asTransition, heldText, reply } from './transition-advance.ts';

/** Requests from outside: refresh now, and take this new secret. */

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

/** A caller does not wait longer than this for a replay that is planned; it is told to come back. */
const patienceMs = 20_000;

interface Obstacle extends Failure {
  readonly retryAfterMs: number | null;
}

/** A refresh joins the attempt under way, starts one, or is told at once why none can start. */
export function onRefreshRequested(
  state: AgentState,
  { request }: Of<'refresh-requested'>,
  moment: Moment,
): Transition<AgentState> {
  const obstacle = refreshObstacle(state, moment.now);
  if (obstacle !== null) return asTransition(state, reply(request, 'refreshed', obstacle));
  return advance({ ...state, refreshRequests: [...state.refreshRequests, request] }, moment);
}

function refreshObstacle(state: AgentState, now: Stamp): Obstacle | null {
  const { phase, record } = state;
  if (phase.name === 'saving' && phase.retryAt !== null) {
    return refusal(
      'SECRET_NOT_PERSISTED',
      'what was received last is not saved yet, and nothing is sent before it is',
      untilMs(phase.retryAt, now),
    );
  }
  if (phase.name !== 'waiting') return null;
  return personNeeded(state, now) ?? (record === null ? null : notYet(state, now));
}

/** Reasons that time alone does not mend. */
function personNeeded(state: AgentState, now: Stamp): Obstacle | null {
  const { settings, heldElsewhere, storeTrouble, blocked, record } = state;
  if (heldElsewhere !== null)
    return refusal('AGENT_HELD', heldText(settings.agent, heldElsewhere.holderPid), null);
  if (!state.opened) {
    const next = plan(state, now);
    return refusal(
      'STORE_UNAVAILABLE',
      storeTrouble?.detail ?? 'the secret store is not open',
      next.do === 'wait' ? next.afterMs : null,
    );
  }
  if (pendingCandidate(state) === null) {
    if (blocked !== null)
      return refusal(blocked.code, `${blocked.detail}; run \`tokenward recover ${settings.agent}\``, null);
    if (record === null || state.current === null) {
      return refusal(
        'SECRET_ABSENT',
        `${settings.agent} has no secret; run \`tokenward enroll ${settings.agent}\``,
        null,
      );
    }
  }
  if (haltedInDoubt(state)) {
    return refusal(
      'IN_DOUBT',
      `an answer was lost and in_doubt is halt; run \`tokenward recover ${settings.agent}\``,
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
  const next = plan({ ...state, refreshRequests: ['now'] }, now);
  if (next.do !== 'wait') return null;
  const refused = record.refusal;
  if (next.for === 'refusal-pace' && refused !== null && refused.kind !== 'suspected') {
    return refusal(
      refusalCode(refused.kind),
      `the server refuses the secret; run \`tokenward enroll ${settings.agent}\``,
      next.afterMs,
    );
  }
  if (doubtOf(record, slot) !== null) {
    return next.afterMs > patienceMs
      ? refusal('IN_DOUBT', 'an answer was lost; the same secret is sent again soon', next.afterMs)
      : null;
  }
  if (next.for === 'retry-after')
    return refusal('SERVER_RATE_LIMITED', 'the server asked to wait', next.afterMs);
  const untilDraw = untilDrawMs(record.bucket, settings.maxExchangesPerMinute, now);
  return untilDraw > 0
    ? refusal(
        'RATE_LIMITED',
        `the agent's ${settings.maxExchangesPerMinute} exchanges a minute are used up`,
        untilDraw,
      )
    : null;
}

function refusal(code: ErrorCode, detail: string, retryAfterMs: number | null): Obstacle {
  return { code, detail, retryAfterMs };
}

/** A new secret waits for a running attempt to end; a newer one takes the place of one that still waits. */
export function onHandedOver(
  state: AgentState,
  { request, secret }: Of<'handed-over'>,
  moment: Moment,
): Transition<AgentState> {
  const { phase, queuedHandOver } = state;
  if (phase.name === 'saving' && phase.retryAt !== null) {
    const detail = 'what was received last is not saved yet; mend the store first';
    return asTransition(
      state,
      reply(request, 'stored', refusal('SECRET_NOT_PERSISTED', detail, untilMs(phase.retryAt, moment.now))),
    );
  }
  const replaced =
    queuedHandOver === null ? [] : [reply(queuedHandOver.request, 'stored', replacedWhileQueued)];
  return after(replaced, advance({ ...state, queuedHandOver: { request, secret } }, moment));
}

const replacedWhileQueued = refusal(
  'HANDOVER_REFUSED',
  'a newer secret was handed over before this one was stored',
  null,
);
