import type { LocalKey } from '../../platform/local-key.ts';
import { formDecoded, type ClientCredentials } from './token-request.ts';

/** A client of the token endpoint on a port. */
export interface OAuthClient {
  /** Whose token it gets. */
  readonly agent: string;
  readonly secret: LocalKey;
}

/** By name. */
export type OAuthClients = ReadonlyMap<string, OAuthClient>;

/** null where the name is unknown or the secret is not its own. The secret of the header may be form-encoded, or not. */
export async function clientWith(
  clients: OAuthClients,
  credentials: ClientCredentials | null,
): Promise<OAuthClient | null> {
  if (credentials === null || credentials.secret === null) return null;
  const client = clients.get(credentials.id);
  if (client === undefined) return null;
  const { secret } = credentials;
  const isKnown = (await client.secret.matches(secret)) || (await client.secret.matches(formDecoded(secret)));
  return isKnown ? client : null;
}
