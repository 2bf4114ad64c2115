import type { Socket } from 'node:net';
import type { Agent } from '../ports/agent.ts';
import type { Connection } from './call.ts';
import type { Connections } from './connections.ts';
import type { ServeDependencies } from './dependencies.ts';
import { readPlainRequest, type PlainRequest } from './plain-request.ts';
import type { ReadyReply, TokenAnswers } from './token-answers.ts';
import type { Turns } from './turns.ts';

/**
 * Answers plain requests for tokens right on the socket. `node:http` spends more than half of its time on generality that
 * these need not, and shippers may ask for a token with every batch. A connection begins here; with the first thing that is
 * not a plain request with a good answer it goes to `node:http`, bytes and all, and stays there. So this file has no error
 * answers, no waiting and no state: whatever is not simple happens elsewhere.
 */

/** The template under which answers are counted. */
const route = '/v1/agents/{agent}/token';

/** A plain request is far shorter; longer ones are not looked at. */
const maxRequestBytes = 1024;

/** Clients repeat themselves to the byte, so what was read once is remembered, for this many different requests. */
const maxRemembered = 256;

export interface ExpressLaneParts {
  readonly answers: TokenAnswers;
  readonly connections: Connections;
  readonly turns: Turns;
}

export class ExpressLane {
  readonly #dependencies: ServeDependencies;
  readonly #parts: ExpressLaneParts;
  readonly #sockets = new Set<Socket>();
  readonly #remembered = new Map<string, PlainRequest>();
  /** How long a connection may be idle here, milliseconds. */
  #idleDeadlineMs: number;
  #isClosing = false;

  constructor(dependencies: ServeDependencies, parts: ExpressLaneParts, idleDeadlineMs: number) {
    this.#dependencies = dependencies;
    this.#parts = parts;
    this.#idleDeadlineMs = idleDeadlineMs;
  }

  /** Holds for the connections that are here, too. */
  update(idleDeadlineMs: number): void {
    if (idleDeadlineMs === this.#idleDeadlineMs) return;
    this.#idleDeadlineMs = idleDeadlineMs;
    for (const socket of this.#sockets) socket.setTimeout(idleDeadlineMs);
  }

  /** Serves the connection until it needs more. `leave` is then called once, before the bytes that were not understood come again. */
  enter(socket: Socket, connection: Connection, leave: () => void): void {
    const { turns } = this.#parts;
    const { uid } = connection.peer;
    const onData = (chunk: Buffer): void => {
      if (turns.take(uid)) {
        serve(chunk);
        return;
      }
      socket.pause();
      turns.wait(uid, () => {
        if (socket.destroyed) return;
        socket.resume();
        onData(chunk);
      });
    };
    const serve = (chunk: Buffer): void => {
      const bytes = this.#isClosing || socket.writableNeedDrain ? null : this.#answer(connection, chunk);
      if (bytes !== null) {
        socket.write(bytes);
        return;
      }
      forget();
      leave();
      socket.unshift(chunk);
    };
    const onEnd = () => socket.end();
    const onTrouble = () => socket.destroy();
    const forget = () => {
      this.#sockets.delete(socket);
      socket.setTimeout(0);
      socket
        .off('data', onData)
        .off('end', onEnd)
        .off('timeout', onTrouble)
        .off('error', onTrouble)
        .off('close', forget);
    };
    this.#sockets.add(socket);
    socket.setTimeout(this.#idleDeadlineMs);
    // A client that goes away in the middle is its own matter; the connection ends either way.
    socket
      .on('data', onData)
      .on('end', onEnd)
      .on('timeout', onTrouble)
      .on('error', onTrouble)
      .on('close', forget);
  }

  /** From now on the next request of each connection is its last, which `node:http` says with the answer. */
  beginClosing(): void {
    this.#isClosing = true;
  }

  /** Cuts off all connections here. None of them is in the middle of an answer. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #answer({ peer, access }: Connection, chunk: Buffer): Buffer | null {
    const request = chunk.length > maxRequestBytes ? null : this.#read(chunk.toString('latin1'));
    if (request === null || !access.may('token', request.agentName)) return null;
    const answer = this.#current(request);
    // Last of all: what is not answered here is counted where it is.
    if (answer === null || !this.#parts.connections.mayRequest(peer)) return null;
    this.#dependencies.metrics.request(route, answer.reply.status);
    return answer.bytes;
  }

  #current({ agentName, wish }: PlainRequest): ReadyReply | null {
    try {
      const agent: Agent | undefined = this.#dependencies.agents().get(agentName);
      return agent === undefined ? null : this.#parts.answers.current(agent, wish);
    } catch {
      return null; // a bug: node:http meets it again, and answers
    }
  }

  #read(text: string): PlainRequest | null {
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    const request = readPlainRequest(text);
    if (request === null) return null;
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(text, request);
    return request;
  }
}
