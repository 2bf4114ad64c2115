import type { Secret } from '../../domain/secret.ts';
import { headerValue, isHeaderText, type TokenHeader } from '../../domain/token-header.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';

/** What is asked for with the token: only whether it is let in. */
export interface TokenRequest {
  /** Begins with a slash and is encoded; a query may follow. */
  readonly path: string;
  readonly tokenHeader: TokenHeader;
}

/** A GET with the token in its header; null where {@link isHeaderText} says no. */
export function showToken({ path, tokenHeader }: TokenRequest, token: Secret): HttpRequest | null {
  const text = token.reveal();
  if (!isHeaderText(text)) return null;
  return {
    method: 'GET',
    path,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      [tokenHeader.name.toLowerCase()]: headerValue(tokenHeader, text),
    },
    body: null,
    // The status says it all; a page for people is told by its first bytes.
    maxBodyBytes: 4096,
  };
}
