/**
 * A request to the token endpoint of OAuth 2.0, read: client credentials grant (RFC 6749 §4.4), with the client's
 * credentials in the header or in the body (§2.3.1). Pure.
 */

export interface TokenRequest {
  /** null where the client showed none. The secret is null where only its name was given. */
  readonly client: ClientCredentials | null;
  /** The words of `scope` (§3.3); empty where there is none. */
  readonly scope: readonly string[];
}

export interface ClientCredentials {
  readonly id: string;
  readonly secret: string | null;
}

/** What is wrong with a request (§5.2). `description` is printable ASCII without quotes and backslashes. */
export interface TokenRequestFlaw {
  readonly error: 'invalid_request' | 'unsupported_grant_type' | 'invalid_client';
  readonly description: string;
}

export interface RawTokenRequest {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  /** null where it was too large. */
  readonly body: Buffer | null;
}

/** Parameters that we know; others are ignored (§3.2), but none may come twice. */
const known = ['grant_type', 'client_id', 'client_secret', 'scope'] as const;

export function readTokenRequest({
  contentType,
  authorization,
  body,
}: RawTokenRequest): TokenRequest | TokenRequestFlaw {
  if (contentType?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/x-www-form-urlencoded')
    return flaw('the body is not of type application/x-www-form-urlencoded');
  if (body === null) return flaw('the body is too large');
  const form = new URLSearchParams(body.toString('utf8'));
  const twice = known.find((name) => form.getAll(name).length > 1);
  if (twice !== undefined) return flaw(`the parameter ${twice} is given twice`);
  const grant = valueOf(form, 'grant_type');
  if (grant === null) return flaw('the parameter grant_type is missing; it is client_credentials');
  if (grant !== 'client_credentials')
    return { error: 'unsupported_grant_type', description: 'the only grant_type here is client_credentials' };
  const client = clientOf(form, authorization);
  if (client !== null && 'error' in client) return client;
  const scope = (valueOf(form, 'scope') ?? '').split(' ').filter((word) => word !== '');
  return { client, scope };
}

function clientOf(
  form: URLSearchParams,
  authorization: string | undefined,
): ClientCredentials | TokenRequestFlaw | null {
  const id = valueOf(form, 'client_id');
  const secret = valueOf(form, 'client_secret');
  if (authorization === undefined) return id === null ? null : { id, secret };
  const basic = basicCredentials(authorization);
  // §5.2: a way of authentication that is not supported.
  if (basic === null)
    return { error: 'invalid_client', description: 'the Authorization header holds no Basic credentials' };
  // §2.3: never more than one method. The same name beside the header is harmless, and some clients send it.
  if (secret !== null || (id !== null && id !== basic.id))
    return flaw('the client shows its credentials both in the header and in the body');
  return basic;
}

/**
 * Name and secret are form-encoded before they are put together (§2.3.1, appendix B), but curl and others leave that out: what
 * does not decode is taken as it is.
 */
export function basicCredentials(authorization: string): ClientCredentials | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(authorization) ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return null;
  return { id: formDecoded(text.slice(0, colon)), secret: text.slice(colon + 1) };
}

/** As it may be meant: encoded by the standard, or not encoded by curl. */
export function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** A parameter without a value counts as left out (§3.2). */
function valueOf(form: URLSearchParams, name: (typeof known)[number]): string | null {
  const value = form.get(name);
  return value === null || value === '' ? null : value;
}

function flaw(description: string): TokenRequestFlaw {
  return { error: 'invalid_request', description };
}
