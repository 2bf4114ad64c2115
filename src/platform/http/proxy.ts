import { BlockList, isIP } from 'node:net';
import { TokenwardError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import { type Endpoint, endpointOf, isLoopback } from './endpoint.ts';

/** The environment, or as much of it as matters here. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An HTTP proxy that tunnels with CONNECT. */
export interface Proxy {
  readonly endpoint: Endpoint;
  /** Whether the proxy itself is spoken to over TLS. */
  readonly secure: boolean;
  /** The value of `Proxy-Authorization`, from user and password in the proxy's URL. */
  readonly authorization: Secret | null;
}

/**
 * The proxy for a server, by HTTPS_PROXY and NO_PROXY as curl reads them (lower case first). Servers on this host are
 * always reached directly, and plain http is spoken to no others, so HTTP_PROXY has no say.
 * Throws `CONFIG_INVALID` where HTTPS_PROXY is not a proxy's URL.
 */
export function proxyFor(origin: URL, env: Environment): Proxy | null {
  const text = env['https_proxy'] || env['HTTPS_PROXY'] || '';
  const server = endpointOf(origin);
  if (text === '' || origin.protocol !== 'https:' || isLoopback(server.host)) return null;
  if (isExempt(server, env['no_proxy'] || env['NO_PROXY'] || '')) return null;
  return parseProxy(text);
}

function parseProxy(text: string): Proxy {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      'HTTPS_PROXY is not the http:// or https:// URL of a proxy: correct it, unset it, or name the server in NO_PROXY',
    );
  }
  return {
    endpoint: endpointOf(url),
    secure: url.protocol === 'https:',
    authorization: authorizationOf(url),
  };
}

function authorizationOf({ username, password }: URL): Secret | null {
  if (username === '') return null;
  const pair = `${decode(username)}:${decode(password)}`;
  return new Secret(`Basic ${Buffer.from(pair).toString('base64')}`);
}

/** A password with a bare percent sign is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isExempt(server: Endpoint, noProxy: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && matches(entry.toLowerCase(), server));
}

/** One entry of NO_PROXY: `*`, a name (its subdomains too), an address, a network in CIDR form; each but the last may carry a port. */
function matches(entry: string, { host, port }: Endpoint): boolean {
  if (entry.includes('/')) return isInNetwork(host, entry);
  const parts = /^(?:\[(?<address>.+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/.exec(entry)?.groups;
  if (parts?.['port'] !== undefined && Number(parts['port']) !== port) return false;
  // What does not fit is an IPv6 address without brackets.
  const name = (parts?.['address'] ?? parts?.['name'] ?? entry).replace(/^\*?\./, '');
  return name === '*' || host === name || host.endsWith(`.${name}`);
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(host);
  if (
    family === 0 ||
    isIP(network) !== family ||
    !/^\d{1,3}$/.test(bits) ||
    Number(bits) > (family === 4 ? 32 : 128)
  )
    return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(host, type);
}
