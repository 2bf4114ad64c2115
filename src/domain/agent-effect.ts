import type { AgentSettings } from './agent-state.ts';
import type { ErrorCode } from './errors.ts';
import type { Attempt, JournalRecord, RawAnswer } from './journal-entry.ts';
import type { Answer, Outcome } from './outcome.ts';
import type { SaveStep } from './save-step.ts';
import type { Secret } from './secret.ts';
import type { Token } from './token.ts';

/** What the transition wants done. Data only; the engine's table executes them and answers with events. */
export type AgentEffect =
  /** → opened | held-elsewhere | open-failed */
  | { readonly do: 'open' }
  /** A standby reads what the holder keeps in the store → observed | observe-failed */
  | { readonly do: 'observe' }
  /** Locks, re-read, pre-flight, connection → prepared | store-failed | lock-lost | not-connected */
  | { readonly do: 'prepare' }
  /** Gives up a prepared connection. */
  | { readonly do: 'disconnect' }
  /** → intent-saved | intent-failed */
  | { readonly do: 'save-intent'; readonly record: JournalRecord }
  /** → answered */
  | { readonly do: 'exchange'; readonly attempt: Attempt; readonly secret: Secret }
  /** → raw-saved | raw-failed */
  | { readonly do: 'save-raw'; readonly raw: RawAnswer }
  /** → interpreted */
  | { readonly do: 'interpret'; readonly answer: Answer }
  /** → step-saved | step-failed */
  | { readonly do: 'save'; readonly step: SaveStep }
  | { readonly do: 'publish'; readonly token: Token }
  /** The token is known dead, durably: whoever has it elsewhere is to lose it. */
  | { readonly do: 'withdraw'; readonly token: Token }
  /** → probed */
  | { readonly do: 'probe'; readonly id: string; readonly token: Secret; readonly deadlineMs: number }
  /** From here on, connections are made and secrets are stored by these settings. */
  | { readonly do: 'use-settings'; readonly settings: AgentSettings }
  /** Ends a request of {@link AgentEvent} `refresh-requested`, `handed-over`, `maintenance-requested` or `reconfigured`. */
  | {
      readonly do: 'reply';
      readonly request: string;
      readonly topic: ReplyTopic;
      readonly error: ReplyError | null;
    }
  | { readonly do: 'note'; readonly note: Note };

/**
 * `stored`: the hand-over is durable. `judged`: the server gave its verdict on it. `admitted`: the maintenance may begin.
 * `reconfigured`: every exchange that starts from now on goes by the new settings.
 */
export type ReplyTopic = 'refreshed' | 'stored' | 'judged' | 'admitted' | 'reconfigured';

export interface ReplyError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterMs: number | null;
}

/** For the log and the metrics. Times are milliseconds. */
export type Note =
  | {
      readonly event: 'exchange-ended';
      readonly attempt: Attempt;
      readonly outcome: Outcome['kind'];
      readonly detail: string;
      readonly tookMs: number;
    }
  | { readonly event: 'answer-durable'; readonly tookMs: number }
  | {
      readonly event: 'raw-not-saved' | 'save-failed' | 'store-failed' | 'open-failed' | 'not-connected';
      readonly code: ErrorCode;
      readonly detail: string;
    }
  | { readonly event: 'superseded'; readonly code: ErrorCode; readonly detail: string }
  | { readonly event: 'secret-recommitted' | 'newer-secret-adopted'; readonly generation: number }
  | { readonly event: 'hand-over-stored'; readonly fingerprint: string }
  | { readonly event: 'doubt-found'; readonly slot: string }
  | {
      readonly event:
        | 'token-reported'
        | 'token-proved'
        | 'token-revoked'
        | 'token-rejected-again'
        | 'token-replaced'
        | 'rejection-not-confirmed';
      readonly sequence: number;
    }
  | { readonly event: 'probe-failed'; readonly code: ErrorCode; readonly detail: string };

export interface Transition<State> {
  readonly state: State;
  readonly effects: readonly AgentEffect[];
}
