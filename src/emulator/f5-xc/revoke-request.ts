/** The body of a bulk revocation. Both selectors may come together, as in the example of the API page; then both count. */
import { isObject, readJson } from '../json.ts';
import { credentialTypes, type CredentialType } from './credential-store.ts';

/** How many names one request may hold. */
const maxNames = 200;

interface RevokeRequest {
  /** Each name once. */
  readonly names: readonly string[];
  /** Revoke the expired ones of this type; null: none. */
  readonly expiredOf: CredentialType | null;
}

/** What is to be revoked, or a sentence that says what is wrong with the body. */
export function readRevokeRequest(body: Buffer): RevokeRequest | { readonly complaint: string } {
  const fields = readJson(body);
  if (!isObject(fields)) return { complaint: 'the request body is not a JSON object' };
  const { name_selector: byName, expired_selector: byExpiry } = fields;
  if (byName === undefined && byExpiry === undefined)
    return { complaint: 'one of name_selector and expired_selector is required' };
  const names = byName === undefined ? [] : readNames(byName);
  if (names === null)
    return { complaint: `name_selector.names must hold 1 to ${maxNames} non-empty names of credentials` };
  if (byExpiry === undefined) return { names: [...new Set(names)], expiredOf: null };
  if (!isObject(byExpiry) || !isObject(byExpiry['all']))
    return { complaint: 'expired_selector must have the member all, an object' };
  const { credential_type: type = 'API_CERTIFICATE' } = byExpiry;
  if (!isCredentialType(type))
    return { complaint: `expired_selector.credential_type must be one of ${credentialTypes.join(', ')}` };
  return { names: [...new Set(names)], expiredOf: type };
}

function readNames(selector: unknown): readonly string[] | null {
  const names = isObject(selector) ? selector['names'] : null;
  if (!Array.isArray(names) || names.length < 1 || names.length > maxNames) return null;
  return names.every((name) => typeof name === 'string' && name !== '') ? (names as string[]) : null;
}

function isCredentialType(value: unknown): value is CredentialType {
  return credentialTypes.includes(value as CredentialType);
}
