/**
 * Every failure that a user may see has a code here. The code is the contract (scripts and alerts match on it, and
 * `docs/errors.md` has a heading for each); the sentence is free to improve.
 */

/** What the caller should do about an error; decides the process's exit code. */
export type ErrorClass = 'usage' | 'unavailable' | 'try-again' | 'refused' | 'configuration' | 'bug';

/** Each code with its class. The order is that of `docs/errors.md`. */
export const errorClasses = {
  // configuration and start-up
  CONFIG_NOT_FOUND: 'configuration',
  CONFIG_INVALID: 'configuration',
  CONFIG_UNSAFE: 'configuration',
  STATE_DIR_UNUSABLE: 'configuration',
  STATE_DIR_EPHEMERAL: 'configuration',
  STATE_DIR_NETWORK: 'configuration',
  KEY_FILE_UNUSABLE: 'configuration',
  SOCKET_UNUSABLE: 'configuration',
  SOCKET_IN_USE: 'try-again',
  ADDRESS_IN_USE: 'try-again',
  PEER_CHECK_UNAVAILABLE: 'configuration',
  OUTPUT_UNUSABLE: 'configuration',
  // using the command line and the local API
  USAGE: 'usage',
  AGENT_UNKNOWN: 'usage',
  SECRET_INPUT_INVALID: 'usage',
  DAEMON_NOT_RUNNING: 'unavailable',
  AGENT_HELD: 'try-again',
  PEER_DENIED: 'refused',
  REQUEST_INVALID: 'usage',
  NOT_FOUND: 'usage',
  RATE_LIMITED: 'try-again',
  TOKEN_UNAVAILABLE: 'try-again',
  SHUTTING_DOWN: 'try-again',
  INTERRUPTED: 'try-again',
  DECLINED: 'refused',
  DOCTOR_CONFIGURATION: 'configuration',
  DOCTOR_SURROUNDINGS: 'unavailable',
  INSTALL_FAILED: 'configuration',
  // the server
  SERVER_UNREACHABLE: 'unavailable',
  SERVER_TLS_FAILED: 'unavailable',
  SERVER_MISCONFIGURED: 'unavailable',
  SERVER_RATE_LIMITED: 'try-again',
  SERVER_TROUBLE: 'unavailable',
  SERVER_REFUSED: 'refused',
  PARTLY_FAILED: 'refused',
  // the secret and its rotation
  SECRET_ABSENT: 'try-again',
  SECRET_REVOKED: 'refused',
  SECRET_LOST_IN_FLIGHT: 'refused',
  SECRET_NOT_PERSISTED: 'try-again',
  HANDOVER_REFUSED: 'refused',
  IN_DOUBT: 'try-again',
  RECOVERY_NOT_POSSIBLE: 'refused',
  RECOVERY_DECLINED: 'refused',
  // the store
  STORE_UNAVAILABLE: 'try-again',
  STORE_LOCKED: 'try-again',
  STORE_HUNG: 'try-again',
  STORE_UNREACHABLE: 'unavailable',
  STATE_CLONED: 'configuration',
  STATE_ROLLED_BACK: 'configuration',
  STATE_UNREADABLE: 'configuration',
  STORE_MISMATCH: 'configuration',
  SERVER_CHANGED: 'configuration',
  // what an operator is told
  TOKEN_EXPIRING: 'unavailable',
  TOKEN_REVOKED: 'unavailable',
  TOKEN_REJECTED: 'refused',
  SECRET_FILE_UNUSABLE: 'configuration',
  FILE_TAMPERED: 'configuration',
  OUTPUT_FAILED: 'configuration',
  HOOK_FAILED: 'configuration',
  INTERNAL: 'bug',
} as const satisfies Record<string, ErrorClass>;

/** A stable name for what went wrong. */
export type ErrorCode = keyof typeof errorClasses;

/** Exit codes of DESIGN §8, by class (BSD `sysexits.h`). */
export const exitCodes: Readonly<Record<ErrorClass, number>> = {
  usage: 64,
  unavailable: 69,
  'try-again': 75,
  refused: 77,
  configuration: 78,
  bug: 1,
};

/** Facts that may stand in a log or an answer beside the sentence: never a secret, a token or a body. */
export type SafeFields = Readonly<Record<string, string | number | boolean | null>>;

interface ErrorOptions {
  readonly cause?: unknown;
  readonly fields?: SafeFields;
  /** Milliseconds after which another try makes sense; becomes `Retry-After`. */
  readonly retryAfterMs?: number;
}

/** The one error class. `message` says what happened, to what, and what to do, in lower case without a full stop. */
export class TokenwardError extends Error {
  override readonly name = 'TokenwardError';
  readonly code: ErrorCode;
  readonly fields: SafeFields;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? {};
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  get exitCode(): number {
    return exitCodes[errorClasses[this.code]];
  }
}

/** The error itself where it is ours, else a bug report around it: nothing foreign reaches a user as it is. */
export function asTokenwardError(error: unknown): TokenwardError {
  if (error instanceof TokenwardError) return error;
  return new TokenwardError(
    'INTERNAL',
    'an unexpected error, which is a bug in tokenward; please report it',
    { cause: error },
  );
}
