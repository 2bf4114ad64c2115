import type { AgentState } from './agent-state.ts';
import { levelAt } from './bucket.ts';
import { refreshOffsetMs } from './schedule.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import { statusOf } from './status-view.ts';
import type { AgentStatus } from './status.ts';

/** What the metrics show of an agent at one moment: its status, and what only a graph is interested in. */
export interface AgentGauges {
  readonly status: AgentStatus;
  /** Life that the token was given, milliseconds; null without a token. */
  readonly tokenTtlMs: number | null;
  /** When the token is due for its refresh, whatever hinders that, Unix time in milliseconds; null without a token. */
  readonly refreshDueAtMs: number | null;
  /** Exchanges that `max_exchanges_per_minute` allows at once now; null before the first secret. */
  readonly bucketLevel: number | null;
}

export function gaugesOf(state: AgentState, now: Stamp): AgentGauges {
  const { token, record, settings } = state;
  return {
    status: statusOf(state, now),
    tokenTtlMs: token?.ttlMs ?? null,
    refreshDueAtMs:
      token === null
        ? null
        : now.wallMs - elapsedMs(token.sentAt, now) + refreshOffsetMs(token, settings.refresh),
    bucketLevel: record === null ? null : levelAt(record.bucket, settings.maxExchangesPerMinute, now),
  };
}
