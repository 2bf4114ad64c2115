import type { ErrorCode } from './errors.ts';
import type { Fingerprint } from './secret.ts';

/** Facts and label of one agent: what the local API, the command line and the metrics show (DESIGN §5). */

export type TokenFact = 'none' | 'valid' | 'expired' | 'rejected';

export type SecretFact =
  | 'absent'
  | 'pending'
  | 'held'
  | 'in_doubt'
  | 'refused'
  | 'lost'
  | 'memory_only'
  | 'unreachable'
  | 'blocked';

export type AgentLabel =
  | 'standby'
  | 'lost'
  | 'revoked'
  | 'blocked'
  | 'unprovisioned'
  | 'degraded'
  | 'acquiring'
  | 'expired'
  | 'active';

export type StoreKind = 'keychain' | 'file' | 'kubernetes' | 'memory';

export type Severity = 'info' | 'warning' | 'critical';

/** A condition that an operator should know of, as long as it lasts. */
export interface AlertStatus {
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly summary: string;
}

/** One agent as `GET /v1/agents/{agent}` answers it (DESIGN §7). Times are ISO 8601 in UTC; `expires_in` is whole seconds. */
export interface AgentStatus {
  readonly agent: string;
  readonly provider: string;
  readonly state: AgentLabel;
  readonly token: {
    readonly status: TokenFact;
    readonly sequence: number;
    readonly fingerprint: Fingerprint | null;
    readonly expires_at: string | null;
    readonly expires_in: number | null;
  };
  readonly secret: {
    readonly status: SecretFact;
    readonly generation: number;
    readonly store: StoreKind;
    readonly persisted: boolean;
  };
  readonly next_refresh_at: string | null;
  readonly last_exchange: {
    readonly at: string;
    readonly outcome: string;
    readonly code: string | null;
  } | null;
  readonly alerts: readonly AlertStatus[];
}
