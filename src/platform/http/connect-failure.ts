import { TokenwardError } from '../../domain/errors.ts';
import type { Answer } from '../../domain/outcome.ts';
import { type Endpoint, authorityOf } from './endpoint.ts';
import { HandshakeError } from './socket.ts';
import { tlsFailure } from './tls-failure.ts';
import type { TlsSettings } from './tls-files.ts';
import { TunnelError } from './tunnel.ts';

/** Puts into words why no connection could be had, and what to do about it. */

export type NotSent = Extract<Answer, { kind: 'not-sent' }>;

/** What was tried, for the wording. */
export interface ConnectAttempt {
  readonly server: Endpoint;
  readonly tls: TlsSettings;
  /** Milliseconds allowed for the connection. */
  readonly connectMs: number;
}

export function unreachable(reason: string): NotSent {
  return { kind: 'not-sent', code: 'SERVER_UNREACHABLE', reason };
}

export function connectFailure(error: unknown, attempt: ConnectAttempt): NotSent {
  const { server, tls, connectMs } = attempt;
  if (error instanceof TokenwardError) return { kind: 'not-sent', code: error.code, reason: error.message };
  if (error instanceof HandshakeError)
    return { kind: 'not-sent', code: 'SERVER_TLS_FAILED', reason: tlsFailure(error, server, tls) };
  if (error instanceof TunnelError) return unreachable(proxyFailure(error, server));
  if (error instanceof Error && error.name === 'TimeoutError') {
    return unreachable(
      `no connection to ${authorityOf(server)} within ${connectMs} ms: check url, firewalls and HTTPS_PROXY`,
    );
  }
  return unreachable(networkFailure(codeOf(error), server, 'url'));
}

/** In the words of whoever set `setting` (url or HTTPS_PROXY). The codes are those of connect(2) and getaddrinfo(3). */
function networkFailure(code: string, peer: Endpoint, setting: string): string {
  switch (code) {
    case 'ENOTFOUND':
      return `the host name ${peer.host} does not exist: correct ${setting}, or this host's name servers; to try: getent hosts ${peer.host}`;
    case 'EAI_AGAIN':
      return `no name server answered for ${peer.host}: check this host's name servers; to try: getent hosts ${peer.host}`;
    case 'ECONNREFUSED':
      return `${authorityOf(peer)} refused the connection: is it up, and is the port in ${setting} right?`;
    case 'ECONNRESET':
      return `${authorityOf(peer)} closed the connection at once: is the port in ${setting} right?`;
    default:
      return `cannot reach ${authorityOf(peer)} (${code}): check ${setting}, routes and firewalls`;
  }
}

function proxyFailure({ proxy, status, cause }: TunnelError, server: Endpoint): string {
  const name = authorityOf(proxy.endpoint);
  if (status === 407)
    return `the proxy ${name} demands a login (407): put user and password into HTTPS_PROXY`;
  if (status !== null) {
    return `the proxy ${name} refused a tunnel to ${authorityOf(server)} (${status}): allow it there, or name the host in NO_PROXY`;
  }
  if (cause instanceof HandshakeError)
    return `${tlsFailure(cause, proxy.endpoint, {})}; it is the proxy of HTTPS_PROXY`;
  return `the proxy before ${authorityOf(server)} cannot be used: ${networkFailure(codeOf(cause), proxy.endpoint, 'HTTPS_PROXY')}`;
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown cause';
}
