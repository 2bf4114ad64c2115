import { readFile, stat } from 'node:fs/promises';
import type { TokenFileRemains } from '../domain/remains.ts';
import type { Token } from '../domain/token.ts';
import { fingerprintOf } from '../platform/fingerprint.ts';
import { errorCode } from '../platform/system-error.ts';

/** No token is that long; something else has the name. */
const maxBytes = 256 * 1024;

/** What shippers find in a token file, compared by its fingerprint. */
export async function tokenFileRemains(path: string, session: Token | null): Promise<TokenFileRemains> {
  try {
    const found = await stat(path);
    if (session === null || !found.isFile() || found.size > maxBytes) return { path, status: 'unread' };
    const isCurrent = fingerprintOf(await readFile(path, 'utf8')) === session.fingerprint;
    return { path, status: isCurrent ? 'current' : 'other' };
  } catch (error) {
    const isMissing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    return { path, status: isMissing ? 'missing' : 'unread' };
  }
}
