import { createHash } from 'node:crypto';
import type { AgentStatus } from '../domain/status.ts';

/**
 * What an event stream tells of an agent, and what of it is news to somebody. An event's id says all that its receiver knows
 * from then on: the sequence of the newest token it was told, and a digest of the state. So the id that a client sends back
 * means the same after a restart of the daemon, which remembers no client.
 */

/** What somebody knows of an agent, as an event's id tells it. */
export interface Known {
  /** Of the newest token that was told; 0 where none was. */
  readonly sequence: number;
  /** Of the state that was told last. */
  readonly digest: string;
}

/** An agent at one moment. */
export interface EventView extends Known {
  /** Data of the `state` event. */
  readonly state: string;
  /** Data of the `token` event; null where there is no valid token. */
  readonly token: string | null;
}

/** `before` is the last look at the same agent, if there was one. */
export function viewOf(status: AgentStatus, before: EventView | null): EventView {
  const state = JSON.stringify(stateOf(status));
  const isValid = status.token.status === 'valid';
  return {
    sequence: isValid ? status.token.sequence : (before?.sequence ?? 0),
    digest: before?.state === state ? before.digest : digestOf(state),
    state,
    token: isValid ? JSON.stringify(tokenOf(status)) : null,
  };
}

/** The events that tell somebody what has changed; null where there is nothing to tell. `known` is null where nothing is known. */
export function newsFor(view: EventView, known: Known | null): string | null {
  const events: [string, string][] = [];
  if (view.digest !== known?.digest) events.push(['state', view.state]);
  if (view.token !== null && view.sequence !== known?.sequence) events.push(['token', view.token]);
  // The id comes with the last event only: who was cut off between the two is told both again.
  const id = `id: ${view.sequence}.${view.digest}\n`;
  const texts = events.map(
    ([event, data], index) => `${index === events.length - 1 ? id : ''}event: ${event}\ndata: ${data}\n\n`,
  );
  return texts.length === 0 ? null : texts.join('');
}

/** null for what is no id of ours: then everything is news. */
export function readEventId(id: string | undefined): Known | null {
  const [, sequence, digest] = /^(\d{1,16})\.([0-9a-f]{16})$/.exec(id ?? '') ?? [];
  return sequence === undefined || digest === undefined ? null : { sequence: Number(sequence), digest };
}

/** Nothing that changes with every exchange or by the second: each difference here is an event. */
function stateOf({ agent, state, token, secret, alerts }: AgentStatus) {
  return {
    agent,
    state,
    token: { status: token.status },
    secret: { status: secret.status },
    alerts: alerts.map(({ code, severity }) => ({ code, severity })),
  };
}

function tokenOf({ agent, token }: AgentStatus) {
  const { sequence, fingerprint, expires_at, expires_in } = token;
  return { agent, sequence, fingerprint, expires_at, expires_in };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
