import type { ErrorCode, TokenwardError } from '../domain/errors.ts';
import { bytesReply, noStore, type Reply } from './reply.ts';

/** Errors as answers: `application/problem+json` (RFC 9457), with our code as the part that programs match on. */

/** The HTTP status of each code. A handler may choose another one where the request gives the code another weight. */
export const problemStatus = {
  CONFIG_NOT_FOUND: 500,
  CONFIG_INVALID: 500,
  CONFIG_UNSAFE: 500,
  STATE_DIR_UNUSABLE: 503,
  STATE_DIR_EPHEMERAL: 500,
  STATE_DIR_NETWORK: 500,
  KEY_FILE_UNUSABLE: 503,
  SOCKET_UNUSABLE: 500,
  SOCKET_IN_USE: 500,
  ADDRESS_IN_USE: 500,
  PEER_CHECK_UNAVAILABLE: 500,
  OUTPUT_UNUSABLE: 500,
  USAGE: 400,
  AGENT_UNKNOWN: 404,
  SECRET_INPUT_INVALID: 400,
  DAEMON_NOT_RUNNING: 503,
  AGENT_HELD: 409,
  PEER_DENIED: 403,
  REQUEST_INVALID: 400,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  TOKEN_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
  INTERRUPTED: 503,
  DECLINED: 409,
  DOCTOR_CONFIGURATION: 500,
  DOCTOR_SURROUNDINGS: 503,
  INSTALL_FAILED: 500,
  SERVER_UNREACHABLE: 502,
  SERVER_TLS_FAILED: 502,
  SERVER_MISCONFIGURED: 502,
  SERVER_RATE_LIMITED: 503,
  SERVER_TROUBLE: 502,
  SERVER_REFUSED: 502,
  PARTLY_FAILED: 502,
  SECRET_ABSENT: 409,
  SECRET_REVOKED: 409,
  SECRET_LOST_IN_FLIGHT: 409,
  SECRET_NOT_PERSISTED: 503,
  HANDOVER_REFUSED: 422,
  IN_DOUBT: 503,
  RECOVERY_NOT_POSSIBLE: 409,
  RECOVERY_DECLINED: 409,
  STORE_UNAVAILABLE: 503,
  STORE_LOCKED: 503,
  STORE_HUNG: 503,
  STORE_UNREACHABLE: 503,
  STATE_CLONED: 409,
  STATE_ROLLED_BACK: 409,
  STATE_UNREADABLE: 409,
  STORE_MISMATCH: 409,
  SERVER_CHANGED: 409,
  TOKEN_EXPIRING: 503,
  TOKEN_REVOKED: 503,
  TOKEN_REJECTED: 503,
  SECRET_FILE_UNUSABLE: 500,
  FILE_TAMPERED: 500,
  OUTPUT_FAILED: 500,
  HOOK_FAILED: 500,
  INTERNAL: 500,
} as const satisfies Record<ErrorCode, number>;

interface ProblemOptions {
  /** Name of the agent that the request was about. */
  readonly agent?: string | undefined;
  /** Instead of the code's own status. */
  readonly status?: number;
  /** Further headers, names and values in turn. */
  readonly headers?: readonly string[];
}

/** The answer for an error. `Retry-After` and `retry_after` are whole seconds, rounded up, so that nobody comes too early. */
export function problemReply(error: TokenwardError, options: ProblemOptions = {}): Reply {
  const status = options.status ?? problemStatus[error.code];
  const retryAfter =
    error.retryAfterMs === null ? undefined : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  const document = {
    type: `urn:tokenward:error:${error.code}`,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status,
    detail: error.message,
    code: error.code,
    agent: options.agent,
    retry_after: retryAfter,
  };
  const headers = [...noStore, ...(options.headers ?? [])];
  if (retryAfter !== undefined) headers.push('Retry-After', String(retryAfter));
  return bytesReply(status, JSON.stringify(document), { contentType: 'application/problem+json', headers });
}
