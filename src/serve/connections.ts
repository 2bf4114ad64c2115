import type { Socket } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Access } from './access.ts';
import type { Connection } from './call.ts';
import { PeerLimits, type LimitOptions } from './limits.ts';
import type { Peer } from './peer.ts';
import { problemReply } from './problem.ts';
import { refuseConnection } from './wire.ts';

/** How a listener tells its callers apart. */
export interface AdmissionOptions {
  readonly limits: LimitOptions;
  /** Asked once for each accepted connection. Throws where the peer cannot be told; the connection is then cut. */
  identify(socket: Socket): Peer;
  accessOf(peer: Peer): Access;
}

/** The open connections of one listener, each with the peer that was found out when it was accepted. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #limits: PeerLimits;
  readonly #options: AdmissionOptions;
  readonly #log: Log;

  constructor(options: AdmissionOptions, clock: Clock, log: Log) {
    this.#limits = new PeerLimits(options.limits, clock);
    this.#options = options;
    this.#log = log;
  }

  /** Lets a connection in, or ends it; null where it did. */
  admit(socket: Socket): Connection | null {
    const peer = this.#identify(socket);
    if (peer === null) {
      socket.destroy();
      return null;
    }
    if (!this.#limits.connected(peer.uid)) {
      refuseConnection(socket, problemReply(tooManyConnections(peer)));
      return null;
    }
    const connection = { peer, access: this.#options.accessOf(peer) };
    this.#open.set(socket, connection);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#limits.disconnected(peer.uid);
    });
    return connection;
  }

  /** undefined for a connection that was not let in. */
  of(socket: Socket): Connection | undefined {
    return this.#open.get(socket);
  }

  /** Counts a request of this peer; throws `RATE_LIMITED` where it has to wait. */
  countRequest(peer: Peer): void {
    const waitMs = this.#limits.requested(peer.uid);
    if (waitMs === 0) return;
    const message = `${nameOf(peer)} asks too often; ask less, or raise limits.requests_per_second of this listener`;
    throw new TokenwardError('RATE_LIMITED', message, { retryAfterMs: waitMs });
  }

  #identify(socket: Socket): Peer | null {
    try {
      return this.#options.identify(socket);
    } catch (error) {
      this.#log.warn('peer-unknown', { error });
      return null;
    }
  }
}

function nameOf({ uid }: Peer): string {
  return uid === null ? 'the caller' : `uid ${uid}`;
}

function tooManyConnections(peer: Peer): TokenwardError {
  const message = `${nameOf(peer)} has too many open connections; close some, or raise limits.connections of this listener`;
  return new TokenwardError('RATE_LIMITED', message, { retryAfterMs: 1000 });
}
