import type { IncomingHttpHeaders } from 'node:http';
import type { LocalKey } from '../../platform/local-key.ts';
import { overflowId } from '../../platform/users.ts';
import { clientKeyHeader } from './forwarded-headers.ts';

/** Who may send through the proxy: whoever shows its key, or is the user that the kernel names. Either will do. */
export interface ClientRules {
  readonly key: LocalKey | null;
  /** A uid. */
  readonly user: number | null;
}

/** `uid` is null where the kernel was not asked, or did not say. */
export async function isClient(
  { key, user }: ClientRules,
  { uid, headers }: { readonly uid: number | null; readonly headers: IncomingHttpHeaders },
): Promise<boolean> {
  // A number that many strangers share names nobody.
  if (user !== null && uid === user && uid !== overflowId) return true;
  if (key === null) return false;
  for (const shown of shownKeys(headers)) if (await key.matches(shown)) return true;
  return false;
}

/** The key's own header, and the password of Basic for shippers that can set nothing else (RFC 7617 §2). */
function shownKeys(headers: IncomingHttpHeaders): string[] {
  const own = headers[clientKeyHeader];
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(headers.authorization ?? '') ?? [];
  const keys = typeof own === 'string' ? [own] : [];
  if (encoded === undefined) return keys;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? keys : [...keys, text.slice(colon + 1)];
}
