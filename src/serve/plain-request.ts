import type { TokenWish } from './token-answers.ts';

/**
 * The one form of request that is read without `node:http`: a whole `GET /v1/agents/{agent}/token` without query, whose
 * headers are all of a few that we know. This is no HTTP parser. It says yes to what can only be read in one way, and what
 * it does not know it leaves to `node:http`.
 */
export interface PlainRequest {
  readonly agentName: string;
  readonly wish: TokenWish;
}

const form =
  /^GET \/v1\/agents\/([a-z0-9][a-z0-9._-]{0,62})\/token HTTP\/1\.1\r\n((?:[A-Za-z-]+: [\x20-\x7E]+\r\n)+)\r\n$/;

/** Headers that such a request may have: `host`, what chooses the form of the answer, and what changes nothing. */
const knownHeaders: ReadonlySet<string> = new Set([
  'host',
  'accept',
  'if-none-match',
  'connection',
  'user-agent',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'pragma',
]);

/** null for everything that is not surely such a request. `text` holds one character per byte. */
export function readPlainRequest(text: string): PlainRequest | null {
  const [, agentName, head] = form.exec(text) ?? [];
  if (agentName === undefined || head === undefined) return null;
  const headers = new Map<string, string>();
  for (const line of head.trimEnd().split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (!knownHeaders.has(name) || headers.has(name)) return null;
    headers.set(name, line.slice(colon + 1).trim());
  }
  if (!headers.has('host') || (headers.get('connection') ?? 'keep-alive').toLowerCase() !== 'keep-alive')
    return null;
  return {
    agentName,
    wish: { accept: headers.get('accept'), 'if-none-match': headers.get('if-none-match') },
  };
}
