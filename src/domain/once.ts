import type { ErrorCode } from './errors.ts';
import type { Holder } from './holder.ts';
import { heldText } from './obstacle.ts';
import type { AgentLabel, AgentStatus, AlertStatus } from './status.ts';
import { wayOut } from './way-out.ts';

/** What `run --once` makes of an agent: whether it has what is wanted, and if not, whether waiting makes sense. */

export interface Standing {
  readonly status: AgentStatus;
  /** Whether the store and the journal could be read: before, nothing is known of a secret. */
  readonly known: boolean;
  /** Another process has the agent. */
  readonly held: Holder | null;
  /** Milliseconds; 0 while an exchange is due or under way, null where none is planned. */
  readonly nextRefreshMs: number | null;
  /** Whether the server makes secrets for an administrator. */
  readonly creates: boolean;
  /** Whether a secret may still come, in the watched file. */
  readonly mayBeGiven: boolean;
}

/** In these, only a person or a new secret helps. */
const hopeless: readonly AgentLabel[] = ['revoked', 'lost', 'blocked', 'unprovisioned'];

/** `ready`: there is a token, saved, and nothing under way that brings another one. `hopeless`: time brings none. */
export function onceVerdict({ status, nextRefreshMs, mayBeGiven }: Standing): 'ready' | 'wait' | 'hopeless' {
  if (status.token.status === 'valid' && status.secret.persisted)
    return nextRefreshMs === 0 ? 'wait' : 'ready';
  if (mayBeGiven && !isHalted(status)) return 'wait';
  return hopeless.includes(status.state) ? 'hopeless' : 'wait';
}

/** Nothing is taken from a file then. */
function isHalted({ alerts }: AgentStatus): boolean {
  return alerts.some(({ code }) => code === 'STATE_UNREADABLE' || code === 'STORE_MISMATCH');
}

/** Why an agent is not ready, when nobody waits for it any longer. */
export function onceFailure(
  { status, known, held, creates }: Standing,
  interrupted: boolean,
): { readonly code: ErrorCode; readonly detail: string } {
  const { agent, alerts, state } = status;
  if (held !== null) return { code: 'AGENT_HELD', detail: heldText(agent, held) };
  const worst = worstOf(alerts);
  if (worst !== null) return { code: worst.code, detail: worst.summary };
  if (interrupted) return { code: 'INTERRUPTED', detail: 'stopped before there was a token; run it again' };
  if (known && state === 'unprovisioned')
    return {
      code: 'SECRET_ABSENT',
      detail: `there is no secret yet; ${wayOut('SECRET_ABSENT', agent, creates)}`,
    };
  const detail = 'there was no token before the deadline; run it again, or give --deadline more';
  return { code: 'TOKEN_UNAVAILABLE', detail };
}

/** The newest of the gravest. */
function worstOf(alerts: readonly AlertStatus[]): AlertStatus | null {
  const critical = alerts.filter(({ severity }) => severity === 'critical');
  return critical[0] ?? alerts[0] ?? null;
}
