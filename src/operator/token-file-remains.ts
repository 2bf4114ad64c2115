import { readFile, stat } from 'node:fs/promises';
import type { TokenFileConfig } from '../config/config.ts';
import type { TokenFileRemains } from '../domain/remains.ts';
import { type AgentFacts, tokenFileContent } from '../domain/token-file-content.ts';
import type { Token } from '../domain/token.ts';
import { errorCode } from '../platform/system-error.ts';

/** No token file is that long; something else has the name. */
const maxBytes = 256 * 1024;

/** What shippers find in a token file, compared with what would stand there. */
export async function tokenFileRemains(
  { path, format }: TokenFileConfig,
  agent: AgentFacts,
  session: Token | null,
): Promise<TokenFileRemains> {
  try {
    const found = await stat(path);
    if (session === null || !found.isFile() || found.size > maxBytes) return { path, status: 'unread' };
    const content = tokenFileContent(format, session, agent);
    const isCurrent = 'text' in content && (await readFile(path)).equals(Buffer.from(content.text));
    return { path, status: isCurrent ? 'current' : 'other' };
  } catch (error) {
    const isMissing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    return { path, status: isMissing ? 'missing' : 'unread' };
  }
}
