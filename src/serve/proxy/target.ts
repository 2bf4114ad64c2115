import { isIP } from 'node:net';

/** Where a request to the proxy wants to go, and whether it may: pure, on the bytes that the client sent. */

export interface TargetRules {
  readonly methods: readonly string[];
  /** Paths; `*` stands for one or more characters of one segment. */
  readonly paths: readonly string[];
  /** Host names, lower case and without port, that a client may mean this proxy by; null where any will do (Unix socket). */
  readonly hosts: ReadonlySet<string> | null;
}

export interface RequestTarget {
  readonly method: string;
  /** The request target as it was sent (RFC 9112 §3.2). */
  readonly target: string;
  /** The Host header; undefined where there is none, as HTTP/1.0 allows. */
  readonly host: string | undefined;
}

export type TargetVerdict =
  | { readonly kind: 'allowed'; readonly pathAndQuery: string }
  | { readonly kind: 'wrong-host' | 'wrong-path' | 'malformed' }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly string[] };

/**
 * An absolute-form target (RFC 9112 §3.2.2), as clients send that take us for a forward proxy, counts as its path where its
 * authority is one of the hosts, and is refused otherwise: nobody reaches another server through this one.
 */
export function judgeTarget({ method, target, host }: RequestTarget, rules: TargetRules): TargetVerdict {
  const absolute = /^http:\/\/([^/?#]*)(.*)$/i.exec(target);
  const authority = absolute === null ? host : absolute[1];
  if (!isKnownHost(authority, rules.hosts)) return { kind: 'wrong-host' };
  const origin = absolute === null ? target : absolute[2]!;
  const pathAndQuery = origin.startsWith('?') || origin === '' ? `/${origin}` : origin;
  if (!isPlain(pathAndQuery)) return { kind: 'malformed' };
  const [path = ''] = pathAndQuery.split('?', 1);
  if (!rules.paths.some((pattern) => matchesPath(pattern, path))) return { kind: 'wrong-path' };
  if (!rules.methods.includes(method)) return { kind: 'wrong-method', allowed: rules.methods };
  return { kind: 'allowed', pathAndQuery };
}

/** Names of this host that no DNS server can make up, which keeps web pages out that rebind a name of theirs to 127.0.0.1. */
function isKnownHost(authority: string | undefined, hosts: ReadonlySet<string> | null): boolean {
  if (hosts === null || authority === undefined) return true;
  const [, ipv6, other] = /^(?:\[([^\]]+)\]|([^:@]+))(?::\d*)?$/.exec(authority) ?? [];
  const name = (ipv6 ?? other ?? '').toLowerCase();
  if (hosts.has(name) || name === 'localhost') return true;
  return isIP(name) === 4 ? name.startsWith('127.') : name === '::1';
}

/** Origin-form with nothing in it that servers read in different ways: no dot segments, empty segments, encoded slashes or controls. */
function isPlain(target: string): boolean {
  if (!/^\/[\x21-\x7E]*$/.test(target) || /[#\\]/.test(target)) return false;
  const [path = ''] = target.split('?', 1);
  if (/%(?![0-9a-f]{2})|%(?:2f|5c|2e|00|0a|0d|25)/i.test(path) || path.includes('//')) return false;
  return !path.split('/').some((segment) => segment === '.' || segment === '..');
}

function matchesPath(pattern: string, path: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[$()+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^/]+')}$`).test(path);
}
