import type { AgentState } from './agent-state.ts';
import { alertsOf, isoTime } from './alerts.ts';
import { factsOf, labelOf } from './facts.ts';
import { planAttempt } from './plan.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import type { AgentStatus } from './status.ts';
import { remainingMs } from './token.ts';

/** The agent as the local API shows it (DESIGN §7). Pure: the same state and moment give the same answer. */
export function statusOf(state: AgentState, now: Stamp): AgentStatus {
  const facts = factsOf(state, now);
  const { record, settings, token } = state;
  const refreshInMs = untilNextRefreshMs(state, now);
  const last = record?.lastExchange ?? null;
  return {
    agent: settings.agent,
    provider: settings.provider,
    state: labelOf(facts),
    token: {
      status: facts.token,
      sequence: token?.sequence ?? record?.sequence ?? 0,
      fingerprint: token?.fingerprint ?? null,
      expires_at: token === null ? null : isoTime(now, token.ttlMs - elapsedMs(token.sentAt, now)),
      expires_in: token === null ? null : Math.floor(remainingMs(token, now) / 1000),
    },
    secret: {
      status: facts.secret,
      generation: generationOf(state),
      store: settings.store,
      persisted: state.unsaved === null,
    },
    next_refresh_at: refreshInMs === null ? null : isoTime(now, refreshInMs),
    last_exchange:
      last === null
        ? null
        : { at: isoTime(now, -elapsedMs(last.at, now)), outcome: last.outcome, code: last.code },
    alerts: alertsOf(state, now),
  };
}

/** A new generation shows with its token: the record follows last, when both are out. */
function generationOf({ record, token, blocked }: AgentState): number {
  const recorded = record?.generation ?? 0;
  return blocked === null ? Math.max(recorded, token?.generation ?? 0) : recorded;
}

/** Milliseconds until the next exchange is planned; null where none is. */
export function untilNextRefreshMs(state: AgentState, now: Stamp): number | null {
  const { name } = state.phase;
  if (name !== 'waiting' && name !== 'probing') return name === 'stopped' ? null : 0;
  const next = planAttempt(state, now);
  if (next.do === 'attempt') return 0;
  return next.do === 'wait' && next.for !== 'holder' ? next.afterMs : null;
}
