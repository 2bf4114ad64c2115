/** Which headers go through the proxy. Headers are flat arrays here, names and values in turn, as Node gives and takes them. */

/** They are about one connection and end with it (RFC 9110 §7.6.1), with the older names that are still met. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** In which a client shows its key to the proxy. */
export const clientKeyHeader = 'x-tokenward-key';

/** What is said anew towards the server, and what is for the proxy alone. */
const ours: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'expect',
  'content-length',
  clientKeyHeader,
]);

export interface UpstreamHeaderParts {
  /** Host and, where it is not the default one, port of the server. */
  readonly host: string;
  /** Name and value of the header that carries the token. */
  readonly token: readonly [name: string, value: string];
  /** Bytes of the body; null where that is not known before its end. 0 and no body are the same where `hasBody` is false. */
  readonly length: number | null;
  readonly hasBody: boolean;
  /** Whether the server has to say first that it wants the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
}

/** The headers of a request as they go to the server. Neither the client's `Authorization` nor its key is among them. */
export function upstreamHeaders(raw: readonly string[], parts: UpstreamHeaderParts): string[] {
  const { host, token, length, hasBody, expectsContinue } = parts;
  const tokenName = token[0].toLowerCase();
  const kept = keep(raw, (name) => !ours.has(name) && name !== tokenName);
  const framing = hasBody
    ? length === null
      ? ['Transfer-Encoding', 'chunked']
      : ['Content-Length', String(length)]
    : [];
  const expectation = expectsContinue && hasBody ? ['Expect', '100-continue'] : [];
  return ['Host', host, ...kept, ...token, 'Via', '1.1 tokenward', ...framing, ...expectation];
}

/** The headers of the server's answer as they go to the client; its framing stays where it has a length. */
export function downstreamHeaders(raw: readonly string[]): string[] {
  return keep(raw, () => true);
}

function keep(raw: readonly string[], isWanted: (name: string) => boolean): string[] {
  const named = new Set(valuesOf(raw, 'connection').flatMap((value) => value.split(',').map(lowerTrimmed)));
  return pairs(raw).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    return hopByHop.has(lower) || named.has(lower) || !isWanted(lower) ? [] : [name, value];
  });
}

function valuesOf(raw: readonly string[], wanted: string): string[] {
  return pairs(raw).flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
}

function pairs(raw: readonly string[]): [name: string, value: string][] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : []));
}

const lowerTrimmed = (text: string) => text.trim().toLowerCase();
