import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Agent } from '../ports/agent.ts';
import type { Access } from './access.ts';
import type { Peer, PeerFields } from './peer.ts';
import type { Reply, StreamReply } from './reply.ts';
import type { Parameters } from './request-input.ts';

/** One connection: whose it is, found out when it is accepted, and what it may do by the rules of now. */
export interface Connection {
  readonly peer: Peer;
  readonly access: Access;
  /** For the log. Looked up when it is first asked for: most connections never cause a line. */
  described(): PeerFields;
}

/** A request on its way to its handler. */
export interface Call extends Connection {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As the path names it; null on routes without an agent. */
  readonly agentName: string | null;
  readonly parameters: Parameters;
  /** Aborts when the listener begins to close: time to answer with what one has. */
  readonly closing: AbortSignal;
}

/** Handlers throw or reject with a `TokenwardError`, which becomes a problem document. */
export type Handler = (call: Call) => Reply | StreamReply | Promise<Reply>;

/** A handler of a route about one agent, which exists. */
export type AgentHandler = (call: Call, agent: Agent) => Reply | StreamReply | Promise<Reply>;

/** Aborts when the client has gone (or was cut off) before its answer. */
export function whenGone(call: Call): AbortSignal {
  const controller = new AbortController();
  if (call.response.closed) controller.abort();
  else call.response.once('close', () => controller.abort());
  return controller.signal;
}

/**
 * Aborts when there is no sense in keeping the client waiting any longer. By hand, because what `AbortSignal.any` makes stays
 * with the signal that lives as long as the listener.
 */
export function whenImpatient({ response, closing }: Call): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    closing.removeEventListener('abort', abort);
    controller.abort();
  };
  if (response.closed || closing.aborted) abort();
  else {
    closing.addEventListener('abort', abort);
    // It comes after every answer, too.
    response.once('close', abort);
  }
  return controller.signal;
}
