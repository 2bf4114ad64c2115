/** How a credential travels in a request, and what a product says of one. Each product takes other headers. */

/** `bearer` and `api-token` are schemes of `Authorization`; the others are headers of their own. */
export type Carrier = 'bearer' | 'api-token' | 'x-jwt-token' | 'x-auth-token';

export interface Presented {
  readonly carrier: Carrier;
  readonly text: string;
}

/** What a product tells the ingestion about the credentials that it gave out. */
export interface LiveTokens {
  /** Whose credential it is; null for one that is unknown, expired or revoked, or that this product takes by other headers. */
  holder(presented: Presented): string | null;
}

/** The credential that the first of these headers carries: `Authorization`, `X-JWT-Token`, `X-Auth-Token`. */
export function presentedBy(headers: Readonly<Record<string, string>>): Presented | null {
  const authorization = headers['authorization'];
  const candidates: readonly [Carrier, string | null | undefined][] = [
    ['bearer', bearer(authorization)],
    ['api-token', schemeOf('apitoken', authorization)],
    ['x-jwt-token', headers['x-jwt-token']],
    ['x-auth-token', headers['x-auth-token']],
  ];
  for (const [carrier, text] of candidates) if (text) return { carrier, text };
  return null;
}

/** The credential of `Authorization: Bearer …`; null without one. */
export function bearer(header: string | undefined): string | null {
  return schemeOf('bearer', header);
}

function schemeOf(scheme: string, header: string | undefined): string | null {
  const [, name = '', text = ''] = /^(\S+) +(\S+)$/.exec(header ?? '') ?? [];
  return name.toLowerCase() === scheme ? text : null;
}
