/** How a server wants to be shown a token: `NAME: SCHEME TOKEN`, or `NAME: TOKEN` where the scheme is null. */
export interface TokenHeader {
  readonly name: string;
  readonly scheme: string | null;
}

/** What stands behind the name. For text that {@link isHeaderText} lets pass. */
export function headerValue({ scheme }: TokenHeader, text: string): string {
  return scheme === null ? text : `${scheme} ${text}`;
}

/** Whether a credential can stand in a header as it is (RFC 9110 §5.5). */
export function isHeaderText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

export const noHeaderCarries = 'it has blanks or characters in it that no HTTP header can carry';
