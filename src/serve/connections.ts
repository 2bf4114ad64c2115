import type { Socket } from 'node:net';
import { TokenwardError } from '../domain/errors.ts';
import type { ConnectionMeter } from '../platform/metrics/serving-metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Access } from './access.ts';
import type { Connection } from './call.ts';
import { PeerLimits, type LimitOptions } from './limits.ts';
import type { Peer, PeerFields } from './peer.ts';
import { problemReply } from './problem.ts';
import { refuseConnection } from './wire.ts';

/** How a listener tells its callers apart. */
export interface AdmissionOptions {
  readonly limits: LimitOptions;
  /** Asked once for each accepted connection. Throws where the peer cannot be told; the connection is then cut. */
  identify(socket: Socket): Peer;
  accessOf(peer: Peer): Access;
  /** What runs at the other end, for the log. Never throws. */
  executableOf(socket: Socket, peer: Peer): string | null;
}

/** A connection whose rights follow the rules, also for whoever waits on it and looks again. */
class OpenConnection implements Connection {
  readonly peer: Peer;
  readonly access: Access = { may: (verb, agent) => this.rights.may(verb, agent) };
  rights: Access;
  readonly #executable: () => string | null;
  #described: PeerFields | undefined;

  constructor(peer: Peer, rights: Access, executable: () => string | null) {
    this.peer = peer;
    this.rights = rights;
    this.#executable = executable;
  }

  described(): PeerFields {
    const { uid, pid } = this.peer;
    return (this.#described ??= { uid, pid, executable: this.#executable() });
  }
}

export interface ConnectionsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: ConnectionMeter;
}

/** The open connections of one listener, each with the peer that was found out when it was accepted. */
export class Connections {
  readonly #open = new Map<Socket, OpenConnection>();
  readonly #limits: PeerLimits;
  #options: AdmissionOptions;
  readonly #log: Log;
  readonly #meter: ConnectionMeter;
  /** Connections that are refused and not yet closed. */
  #leaving = 0;

  constructor(options: AdmissionOptions, { clock, log, meter }: ConnectionsParts) {
    this.#limits = new PeerLimits(options.limits, clock);
    this.#options = options;
    this.#log = log;
    this.#meter = meter;
  }

  /** Other rules from now on, also for the connections that are open. */
  update(options: AdmissionOptions): void {
    this.#options = options;
    this.#limits.update(options.limits);
    for (const connection of this.#open.values()) connection.rights = options.accessOf(connection.peer);
  }

  /** Lets a connection in, or ends it; null where it did. */
  admit(socket: Socket): Connection | null {
    const peer = this.#identify(socket);
    if (peer === null) {
      this.#meter.refused('unknown-peer');
      socket.destroy();
      return null;
    }
    if (!this.#limits.hasPlace(peer.uid)) {
      this.#meter.refused('full');
      this.#log.warn('connections-refused', { open: this.#open.size, advice: fullAdvice });
      this.#refuse(socket, full());
      return null;
    }
    if (!this.#limits.connected(peer.uid)) {
      this.#meter.refused('limit');
      this.#refuse(socket, tooManyConnections(peer));
      return null;
    }
    const connection = new OpenConnection(peer, this.#options.accessOf(peer), () =>
      this.#options.executableOf(socket, peer),
    );
    this.#open.set(socket, connection);
    this.#meter.opened();
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#meter.closed();
      this.#limits.disconnected(peer.uid);
    });
    return connection;
  }

  /** undefined for a connection that was not let in. */
  of(socket: Socket): Connection | undefined {
    return this.#open.get(socket);
  }

  /** Counts a request of this peer where it may be answered now, and tells whether. */
  mayRequest(peer: Peer): boolean {
    return this.#limits.requested(peer.uid) === 0;
  }

  /** Counts a request of this peer; throws `RATE_LIMITED` where it has to wait. */
  countRequest(peer: Peer): void {
    const waitMs = this.#limits.requested(peer.uid);
    if (waitMs === 0) return;
    const message = `${nameOf(peer)} asks too often; ask less, or raise limits.requests_per_second of this listener`;
    throw new TokenwardError('RATE_LIMITED', message, { retryAfterMs: waitMs });
  }

  /**
   * Says why, after the request has come: a connection that ends with unread bytes is reset, and the client loses the answer.
   * Only few are waited for, since there is no place.
   */
  #refuse(socket: Socket, why: TokenwardError): void {
    if (this.#leaving >= mostLeaving) {
      socket.destroy();
      return;
    }
    this.#leaving += 1;
    const answer = () => {
      socket.off('data', answer).off('timeout', answer).setTimeout(0);
      refuseConnection(socket, problemReply(why));
    };
    socket
      .once('close', () => (this.#leaving -= 1))
      .on('error', () => socket.destroy())
      .on('data', answer)
      .on('timeout', answer)
      .setTimeout(requestPatienceMs);
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

const mostLeaving = 8;
/** Milliseconds for the first bytes of a request that is to be refused. */
const requestPatienceMs = 200;
const fullAdvice = 'find who keeps connections open, or raise LimitNOFILE';

/** What is left of the file descriptors is for rotating secrets, without which soon nobody has a token. */
function full(): TokenwardError {
  const message = `the daemon has as many open connections as its limit of file descriptors allows; ${fullAdvice}`;
  return new TokenwardError('RATE_LIMITED', message, { retryAfterMs: 1000 });
}

function nameOf({ uid }: Peer): string {
  return uid === null ? 'the caller' : `uid ${uid}`;
}

function tooManyConnections(peer: Peer): TokenwardError {
  const message = `${nameOf(peer)} has too many open connections; close some, or raise limits.connections of this listener`;
  return new TokenwardError('RATE_LIMITED', message, { retryAfterMs: 1000 });
}
