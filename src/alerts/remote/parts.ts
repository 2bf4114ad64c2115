import type { ErrorCode } from '../../domain/errors.ts';
import type { Answer } from '../../domain/outcome.ts';
import type { Secret } from '../../domain/secret.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';
import type { TlsSettings } from '../../platform/http/tls-files.ts';
import type { AlertChannel, AlertNotice } from '../../ports/alert-channel.ts';

/**
 * What the channels are given. They are a file of their own in the build, which only a daemon that is asked for them loads, and
 * would there have copies of whatever they import: so they import nothing that is told apart by its class.
 */
export interface RemoteParts {
  /** One request to this server, answered or not. Never rejects but for TLS files that cannot be used. */
  readonly send: (
    server: { readonly origin: string; readonly tls: TlsSettings },
    request: HttpRequest,
    signal: AbortSignal,
  ) => Promise<Answer>;
  /** The line in a file that only its owner may read. Rejects `KEY_FILE_UNUSABLE`. `what` is said of it: `the password file`. */
  readonly readSecret: (path: string, what: string) => Promise<Secret>;
  /** Wall clock, milliseconds. */
  readonly nowMs: () => number;
  /** The name of this host, by which people know it. */
  readonly host: string;
  /** For the program of `exec`: what it may see of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A failed delivery. */
  readonly failure: (code: ErrorCode, message: string, retryAfterMs?: number) => Error;
}

/** A channel without its name. */
export interface RemoteChannel extends Pick<AlertChannel, 'deliver'> {
  /** Tells again of all that stands; only where the receiver forgets. */
  readonly repeat?: (notices: readonly AlertNotice[], signal: AbortSignal) => Promise<void>;
}
