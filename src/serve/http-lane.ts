import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import { takeListener } from './take-listener.ts';
import type { Turns } from './turns.ts';

/**
 * The way of bytes into `node:http`. Its parser handles every request that is in what it gets, at once, and a client may send a
 * thousand of them in one piece. So it gets small pieces, each when it is the user's turn. On the way it is seen when
 * a request begins and its headers do not come: Node looks for that every 30 s only.
 */

export interface HttpLaneOptions {
  readonly turns: Turns;
  readonly clock: Clock;
  /** Milliseconds from the first byte of a request to the end of its headers. */
  readonly headerDeadlineMs: () => number;
  /** Answers a client whose headers did not come in time, and ends the connection. */
  readonly onLate: (socket: Socket) => void;
}

/** Most requests are shorter; the shortest possible ones are some 30 in this many bytes. */
const pieceBytes = 1024;

export class HttpLane {
  readonly #options: HttpLaneOptions;
  readonly #serve: (socket: Socket) => void;
  readonly #inlets = new WeakMap<Socket, Inlet>();

  /** Takes over the connections of this server, which from now on begin with {@link HttpLane.enter}. */
  constructor(http: Server, options: HttpLaneOptions) {
    this.#options = options;
    this.#serve = takeListener(http, 'connection');
    http.on('request', (request: IncomingMessage) => this.#inlets.get(request.socket)?.began(request));
  }

  enter(socket: Socket, uid: number | null): void {
    this.#serve(socket);
    this.#inlets.set(socket, new Inlet(socket, uid, this.#options));
  }
}

/** One connection. */
class Inlet {
  readonly #socket: Socket;
  readonly #uid: number | null;
  readonly #options: HttpLaneOptions;
  readonly #parse: (chunk: Buffer) => void;
  /** What waits for its turn. */
  #held: Buffer | null = null;
  /** The one whose body is still coming. */
  #request: IncomingMessage | null = null;
  #hasBegun = false;
  #cancelDeadline: (() => void) | null = null;

  constructor(socket: Socket, uid: number | null, options: HttpLaneOptions) {
    this.#socket = socket;
    this.#uid = uid;
    this.#options = options;
    // A listener of ours also makes the data come by way of the stream, and no more past it.
    this.#parse = takeListener(socket, 'data');
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.once('close', () => this.#onTime());
  }

  /** The headers of a request are complete. */
  began(request: IncomingMessage): void {
    this.#request = request;
    this.#hasBegun = true;
    this.#onTime();
    this.#options.turns.charge(this.#uid);
  }

  #take(chunk: Buffer): void {
    if (this.#held === null) this.#feed(chunk);
    else {
      // Node has resumed the stream for the sake of a request's body; what is held comes first.
      this.#socket.pause();
      this.#socket.unshift(chunk);
    }
  }

  #feed(chunk: Buffer): void {
    const { turns } = this.#options;
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const socket = this.#socket;
      // After the last answer of a connection nothing is read any more.
      if (!socket.writable) return;
      if (socket.isPaused()) {
        // Node has enough of answers that are not read, or of a body, and resumes the stream itself.
        socket.unshift(chunk.subarray(at));
        return;
      }
      if (!turns.take(this.#uid)) {
        this.#held = chunk.subarray(at);
        socket.pause();
        turns.wait(this.#uid, () => this.#goOn());
        return;
      }
      this.#feedPiece(chunk.subarray(at, at + pieceBytes));
    }
  }

  #goOn(): void {
    const held = this.#held;
    this.#held = null;
    if (held === null || this.#socket.destroyed) return;
    this.#socket.resume();
    this.#feed(held);
  }

  #feedPiece(piece: Buffer): void {
    const isBetween = this.#request === null;
    this.#hasBegun = false;
    this.#parse(piece);
    if (this.#request?.complete === true) this.#request = null;
    if (isBetween && !this.#hasBegun && this.#socket.writable) this.#expectHeaders();
  }

  #expectHeaders(): void {
    const { clock, headerDeadlineMs, onLate } = this.#options;
    this.#cancelDeadline ??= clock.after(headerDeadlineMs(), () => onLate(this.#socket));
  }

  #onTime(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = null;
  }
}
