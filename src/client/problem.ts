import { type ErrorCode, errorClasses, TokenwardError } from '../domain/errors.ts';

/** What `application/problem+json` (RFC 9457) of the daemon says, as the error that the daemon meant. */

interface Problem {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly retry_after?: unknown;
}

/** A daemon of another version may know codes that this program does not: then the status decides the class. */
export function problemError(status: number, body: string): TokenwardError {
  const { code, detail, retry_after: retryAfter } = parse(body);
  const isKnown = typeof code === 'string' && Object.hasOwn(errorClasses, code);
  const message = typeof detail === 'string' ? detail : `the daemon answered ${status} without a reason`;
  return new TokenwardError(
    isKnown ? (code as ErrorCode) : codeOfStatus(status),
    isKnown || typeof code !== 'string' ? message : `${message} [${code}]`,
    typeof retryAfter === 'number' ? { retryAfterMs: retryAfter * 1000 } : {},
  );
}

function parse(body: string): Problem {
  try {
    return (JSON.parse(body) ?? {}) as Problem;
  } catch {
    return {}; // not a problem document: the status is all that is known
  }
}

const codes: Readonly<Record<number, ErrorCode>> = {
  403: 'PEER_DENIED',
  404: 'NOT_FOUND',
  429: 'RATE_LIMITED',
  503: 'TOKEN_UNAVAILABLE',
};

function codeOfStatus(status: number): ErrorCode {
  return codes[status] ?? (status < 500 ? 'REQUEST_INVALID' : 'INTERNAL');
}
