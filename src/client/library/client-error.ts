import type { TokenwardClientErrorDetails } from './declaration.ts';

/** See the declaration. */
export class TokenwardClientError extends Error {
  override readonly name = 'TokenwardClientError';
  readonly code: string;
  readonly status: number | null;
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, details: TokenwardClientErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}
