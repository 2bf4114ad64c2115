import type { RecoveryRequest, RecoveryResult } from '../domain/recovery-report.ts';
import type { Fingerprint, Secret } from '../domain/secret.ts';
import type { AgentStatus } from '../domain/status.ts';
import type { Token } from '../domain/token.ts';

/** What somebody says of a token. */
export interface TokenRejection {
  readonly fingerprint: Fingerprint;
  /** It is known of the server itself, and need not be confirmed. */
  readonly certain: boolean;
}

/** One running agent as listeners see it. Tokens that are expired or known dead never come out of here. */
export interface Agent {
  readonly name: string;
  /** Aborts when the agent is given up, by a stop or a reload: nothing of it changes any more. */
  readonly ended: AbortSignal;
  status(): AgentStatus;
  /** The token that may be handed out now, checked against the clock at this call. */
  token(): Token | null;
  /** Milliseconds after which asking again makes sense when {@link Agent.token} has none. */
  retryAfterMs(): number;
  /** When the next refresh is planned, milliseconds from now; null where none is. */
  nextRefreshInMs(): number | null;
  /** Calls `listener` after each published token and each change of the status. Returns the function that stops it. */
  subscribe(listener: () => void): () => void;
  /**
   * Exchanges now. Resolves when the server granted. Rejects with a `TokenwardError`: `RATE_LIMITED` (empty bucket, with
   * `retryAfterMs`), `IN_DOUBT`, `SECRET_REVOKED`, `SECRET_LOST_IN_FLIGHT`, `SECRET_ABSENT`, `SERVER_*`, `STORE_*`, `STATE_*`.
   */
  refresh(signal: AbortSignal): Promise<void>;
  /**
   * Somebody was refused with a token. Returns the number of the newest token, and whether that is the one: then it is shown to
   * the server, or an exchange fetches another. What is said of an older one is answered by the newer one.
   */
  report(rejection: TokenRejection): { readonly sequence: number; readonly matches: boolean };
  /**
   * Hands over a new secret. `stored` resolves once it is durable as a candidate; `judged` resolves when the server granted
   * it and rejects `HANDOVER_REFUSED` when it did not. Both reject like {@link Agent.refresh} otherwise. `judged` may be ignored.
   */
  handOver(secret: Secret): { readonly stored: Promise<void>; readonly judged: Promise<void> };
  /**
   * Reports what is known where a person must decide, and does the action that was asked for. Rejects `RECOVERY_NOT_POSSIBLE`,
   * `AGENT_HELD`, `SECRET_NOT_PERSISTED`, `SHUTTING_DOWN`, and where a step could not be done, `STORE_*` or `STATE_DIR_UNUSABLE`.
   */
  recover(request: RecoveryRequest): Promise<RecoveryResult>;
}
