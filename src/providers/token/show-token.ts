import type { Secret } from '../../domain/secret.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';

/** How a server wants to be shown a token: `NAME: SCHEME TOKEN`, or `NAME: TOKEN` where the scheme is null. */
export interface TokenHeader {
  readonly name: string;
  readonly scheme: string | null;
}

/** What is asked for with the token: only whether it is let in. */
export interface TokenRequest {
  /** Begins with a slash and is encoded; a query may follow. */
  readonly path: string;
  readonly tokenHeader: TokenHeader;
}

/** A GET with the token in its header; null where {@link isHeaderText} says no. */
export function showToken({ path, tokenHeader }: TokenRequest, token: Secret): HttpRequest | null {
  const { name, scheme } = tokenHeader;
  const text = token.reveal();
  if (!isHeaderText(text)) return null;
  return {
    method: 'GET',
    path,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      [name.toLowerCase()]: scheme === null ? text : `${scheme} ${text}`,
    },
    body: null,
    // The status says it all; a page for people is told by its first bytes.
    maxBodyBytes: 4096,
  };
}

/** Whether a credential can stand in a header as it is (RFC 9110 §5.5). */
export function isHeaderText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

export const noHeaderCarries = 'it has blanks or characters in it that no HTTP header can carry';
