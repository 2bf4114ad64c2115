import type { DetailedPeerCertificate } from 'node:tls';
import { authorityOf, type Endpoint } from './endpoint.ts';
import type { HandshakeError } from './socket.ts';
import type { TlsSettings } from './tls-files.ts';

/** Puts a failed TLS handshake into words. Codes are those of Node ("X509 certificate error codes") and of OpenSSL. */

/** `tls` are the settings for this connection. Those for a proxy are empty. */
export function tlsFailure({ cause, certificate }: HandshakeError, peer: Endpoint, tls: TlsSettings): string {
  const { host } = peer;
  const code = errorCode(cause);
  const alert = alertNumber(cause);
  if (untrustedCodes.has(code)) return untrusted(peer, tls);
  if (code === 'CERT_HAS_EXPIRED')
    return `the certificate of ${host}${expiry(certificate)}: renew it on the server, or set this host's clock right (\`date\` shows it)`;
  if (code === 'CERT_NOT_YET_VALID')
    return `the certificate of ${host} is not valid yet: set this host's clock right (\`date\` shows it), or the one of whoever made it`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(cause, certificate, host);
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return `${authorityOf(peer)} does not speak TLS; name its HTTPS port`;
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL' || alert === 70)
    return `${host} offers no TLS version that is still safe: it must speak TLS 1.2 or newer`;
  if (alert !== null) return alertText(alert, host);
  if (code === 'ECONNRESET')
    return `${host} closed the connection during the TLS handshake: is this its HTTPS port, and ${clientDoubt(tls)}`;
  return `the TLS handshake with ${host} failed (${code})`;
}

/** Some servers only close, without an alert, when they do not like the client's certificate. */
function clientDoubt({ certFile }: TlsSettings): string {
  return certFile === undefined
    ? 'does it demand a client certificate (tls.cert_file and tls.key_file)?'
    : 'does it accept the client certificate in tls.cert_file?';
}

/** No chain from the certificate to a trusted one. */
const untrustedCodes = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
]);

function untrusted(peer: Endpoint, { caFile, serverName }: TlsSettings): string {
  const name = serverName === undefined ? '' : ` -servername ${serverName}`;
  const look = `to see who signed it: echo | openssl s_client -connect ${authorityOf(peer)}${name} -showcerts`;
  return caFile !== undefined
    ? `the certificate of ${peer.host} is not signed by the CA in tls.ca_file ${caFile}: put the CA's certificate there, and have the server send its intermediate certificates; ${look}`
    : `the certificate of ${peer.host} is not signed by a CA that this host trusts: set tls.ca_file to the PEM file of the CA that signed it; ${look}`;
}

/** The certificate that ended is the one of the chain that ends first. */
function expiry(certificate: DetailedPeerCertificate | null): string {
  const ends = chainOf(certificate)
    .map((link) => Date.parse(link.valid_to))
    .filter((end) => Number.isFinite(end));
  return ends.length === 0
    ? ' has expired'
    : ` expired on ${new Date(Math.min(...ends)).toISOString().slice(0, 10)}`;
}

/** The certificate and its issuers; the last one is, or lacks, its own issuer. */
export function chainOf(certificate: DetailedPeerCertificate | null): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | null | undefined = certificate;
  while (next && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function wrongName(cause: unknown, certificate: DetailedPeerCertificate | null, host: string): string {
  const expected = cause instanceof Error && 'host' in cause ? String(cause.host) : host;
  return `the certificate of ${host} is for ${namesIn(certificate)}, not ${expected}: correct url, or set tls.server_name if this is the right server under another name`;
}

/** A certificate may be for hundreds of hosts; the first few tell whose it is. */
function namesIn(certificate: DetailedPeerCertificate | null): string {
  const names = (certificate?.subjectaltname ?? '')
    .split(', ')
    .map((name) => name.replace(/^(?:DNS|IP Address):/, '').slice(0, 80))
    .filter((name) => name !== '');
  const shown = names.slice(0, mostNames).join(', ') || 'no host at all';
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}

const mostNames = 4;

/** Alerts with which a server ends a handshake (RFC 8446 §6.2). */
function alertText(alert: number, host: string): string {
  const clientCertificate = 'check tls.cert_file and tls.key_file';
  switch (alert) {
    case 40:
      return `${host} refused the TLS handshake (alert 40): it may demand a client certificate, ${clientCertificate}, or share no cipher with this host`;
    case 116:
      return `${host} demands a client certificate (alert 116): set tls.cert_file and tls.key_file`;
    case 42:
    case 43:
    case 44:
    case 45:
    case 46:
    case 48:
    case 49:
      return `${host} did not accept our client certificate (alert ${alert}): ${clientCertificate}`;
    case 112:
      return `${host} does not know the host name we asked for (alert 112): correct url or tls.server_name`;
    case 120:
      return `${host} does not speak HTTP/1.1 (alert 120): is this the port of its API?`;
    default:
      return `${host} ended the TLS handshake (alert ${alert})`;
  }
}

function alertNumber(error: unknown): number | null {
  const match = /SSL alert number (\d+)/.exec(error instanceof Error ? error.message : '');
  return match === null ? null : Number(match[1]);
}

function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown cause';
}
