import type { AgentEvent } from '../domain/agent-event.ts';
import type { AgentSettings, AgentState } from '../domain/agent-state.ts';
import type { Credential, Secret } from '../domain/secret.ts';
import { isOldNews } from '../domain/slots.ts';
import type { PendingReplies } from './pending-replies.ts';

export interface RequestParts {
  readonly replies: PendingReplies;
  readonly credential: (text: string) => Credential;
  readonly state: () => AgentState;
  readonly dispatch: (event: AgentEvent) => void;
  /** Resolves when the store and the journal were read, or cannot be. */
  readonly opened: () => Promise<void>;
  /** Ends waiting calls when the agent is given up. */
  readonly signal: AbortSignal;
}

/** What others ask of an agent: each is an event, and the answer comes as a reply of the transition. */
export class AgentRequests {
  readonly #parts: RequestParts;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const { replies, dispatch, signal: ended } = this.#parts;
    const pending = replies.open(['refreshed'], AbortSignal.any([signal, ended]));
    dispatch({ type: 'refresh-requested', request: pending.request });
    await pending.reply('refreshed');
  }

  handOver(secret: Secret): { readonly stored: Promise<void>; readonly judged: Promise<void> } {
    const { replies, credential, dispatch, signal } = this.#parts;
    const pending = replies.open(['stored', 'judged'], signal);
    const stored = pending.reply('stored');
    const judged = stored.then(() => pending.reply('judged'));
    // Most callers wait for one of the two only; the other must not count as unhandled.
    judged.catch(() => {});
    dispatch({ type: 'handed-over', request: pending.request, secret: credential(secret.reveal()) });
    return { stored, judged };
  }

  async adopt(secret: Secret): Promise<boolean> {
    const { replies, credential, state, dispatch, opened, signal } = this.#parts;
    await opened();
    const found = credential(secret.reveal());
    if (state().record?.adoptedFile === found.fingerprint) return false;
    const known = isOldNews(state(), found);
    const pending = replies.open(['stored'], signal);
    dispatch({ type: 'handed-over', request: pending.request, secret: found, from: 'file' });
    await pending.reply('stored');
    return !known;
  }

  async reconfigure(settings: AgentSettings): Promise<void> {
    const { replies, dispatch, signal } = this.#parts;
    const pending = replies.open(['reconfigured'], signal);
    dispatch({ type: 'reconfigured', request: pending.request, settings });
    await pending.reply('reconfigured');
  }
}
