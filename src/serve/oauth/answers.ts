import type { ErrorCode } from '../../domain/errors.ts';
import { jsonReply, type Reply } from '../reply.ts';

/** Answers of the token endpoint (RFC 6749 §5.1 and §5.2). */

/** `temporarily_unavailable` is of §4.1.2.1; §5.2 has no word for a server that has no token now. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable';

const pragma = ['Pragma', 'no-cache'];

export interface Granted {
  readonly accessToken: string;
  /** Whole seconds until the token ends. */
  readonly expiresIn: number;
}

/** The token itself is one of the server's, whatever the header is called that carries it there. */
export function granted({ accessToken, expiresIn }: Granted): Reply {
  const body = { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn };
  return jsonReply(200, body, pragma);
}

interface RefusalOptions {
  /** Our own code, beside that of OAuth. */
  readonly code: ErrorCode;
  /** Milliseconds. */
  readonly retryAfterMs?: number;
  readonly headers?: readonly string[];
  readonly status?: number;
}

/** `description` is for people; what §5.2 forbids in it is left out. */
export function refused(error: OAuthError, description: string, options: RefusalOptions): Reply {
  const { code, retryAfterMs, headers = [], status = 400 } = options;
  const retry =
    retryAfterMs === undefined ? [] : ['Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))];
  const body = {
    error,
    error_description: description.replaceAll(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "'"),
    code,
  };
  return jsonReply(status, body, [...pragma, ...retry, ...headers]);
}

/** §5.2: 401 with the scheme that the client may use; those that tried the header first then try the body, or the other way round. */
export function unknownClient(): Reply {
  return refused('invalid_client', 'the client is unknown here, or its secret is wrong', {
    code: 'PEER_DENIED',
    status: 401,
    headers: ['WWW-Authenticate', 'Basic realm="tokenward"'],
  });
}
