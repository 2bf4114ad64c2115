import { once } from 'node:events';
import { type Socket, connect as connectTcp, isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConnectionOptions,
  type DetailedPeerCertificate,
  type TLSSocket,
  connect as connectTls,
} from 'node:tls';
import type { Endpoint } from './endpoint.ts';

/**
 * Sockets that are ready: TCP connected, TLS shaken hands and verified by Node. We open them ourselves, and not through
 * undici, so that everything that can fail before a request exists has failed before undici sees the socket.
 */

/** Milliseconds to wait for a TLS 1.3 server to say that it accepts the handshake; see {@link openTls}. */
const acceptanceMs = 300;

/** Resolves to a connected socket; rejects with Node's error, or with the signal's reason. */
export async function openTcp({ host, port }: Endpoint, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connectTcp({ host, port, noDelay: true });
  await ready(socket, 'connect', signal);
  return socket;
}

/** A handshake that failed, with the certificate that the server showed before, where it got as far. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  readonly certificate: DetailedPeerCertificate | null;

  constructor(cause: unknown, certificate: DetailedPeerCertificate | null) {
    super('the TLS handshake failed', { cause });
    this.certificate = certificate;
  }
}

/**
 * Speaks TLS over a connected socket. Resolves when the handshake is done on both sides; rejects with a
 * {@link HandshakeError}, or with the signal's reason.
 *
 * In TLS 1.3 the client is done first, and a server that demands a client certificate objects only afterwards, when a
 * request could already be under way. The session ticket that servers send at that point tells that they accepted
 * (RFC 8446 §4.6.1). A server that sends neither a ticket nor an alert is taken to accept after {@link acceptanceMs}.
 */
export async function openTls(
  over: Socket,
  endpoint: Endpoint,
  options: ConnectionOptions & { readonly servername?: string },
  signal: AbortSignal,
): Promise<TLSSocket> {
  const seen: Handshake = { certificate: null, error: null };
  try {
    const socket = startTls(over, endpoint, options);
    const judged = watch(socket, seen);
    await ready(socket, 'secureConnect', signal);
    if (socket.getProtocol() === 'TLSv1.3')
      await Promise.race([judged, sleep(acceptanceMs, undefined, { ref: false, signal })]);
    if (socket.destroyed || seen.error !== null) throw seen.error ?? closedInHandshake();
    return socket;
  } catch (error) {
    over.destroy();
    signal.throwIfAborted();
    throw new HandshakeError(error, seen.certificate);
  }
}

function startTls(
  over: Socket,
  { host }: Endpoint,
  options: ConnectionOptions & { readonly servername?: string },
): TLSSocket {
  const servername = options.servername ?? (isIP(host) === 0 ? host : undefined);
  const names = servername === undefined ? { host } : { host, servername };
  return connectTls({ ...options, ...names, socket: over, ALPNProtocols: ['http/1.1'] });
}

/** What there is to know of a handshake that fails. */
interface Handshake {
  certificate: DetailedPeerCertificate | null;
  error: Error | null;
}

/**
 * Fills `seen`, and resolves when the server has accepted or refused. The certificate is noted before Node verifies it, as
 * a socket whose verification failed has forgotten it; only error messages rest on that. (`getPeerX509Certificate` in this
 * place would make Node's own verification fail.)
 */
function watch(socket: TLSSocket, seen: Handshake): Promise<void> {
  socket.prependOnceListener('secure', () => {
    seen.certificate = socket.getPeerCertificate(true);
  });
  return new Promise((resolve) => {
    // Not at once: what is written within this event's own turn stays in Node's buffer until the server speaks again.
    socket.once('session', () => setImmediate(resolve));
    socket.once('close', () => resolve());
    socket.once('error', (error: Error) => {
      seen.error = error;
      resolve();
    });
  });
}

/** The error that Node gives for a close a little earlier. */
function closedInHandshake(): Error {
  return Object.assign(new Error('closed during the TLS handshake'), { code: 'ECONNRESET' });
}

/** Waits for the event that makes the socket ready. A late error must not end the process, so one listener stays for good. */
async function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  socket.on('error', () => {});
  try {
    await once(socket, event, { signal });
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  }
}
