import type { AgentEvent } from '../domain/agent-event.ts';
import type { AgentParts } from './agent-parts.ts';
import type { Effects } from './effects.ts';
import type { PendingReplies } from './pending-replies.ts';

/** Ends early when the signal aborts: then the agent is given up. */
export type Work<Result> = (parts: AgentParts, signal: AbortSignal) => Promise<Result>;

interface MaintenanceOptions {
  readonly replies: PendingReplies;
  readonly effects: Pick<Effects, 'whileHeld'>;
  readonly parts: () => AgentParts;
  /** Ends it when the agent is given up. */
  readonly signal: AbortSignal;
  readonly dispatch: (event: AgentEvent) => void;
  /** Resolves when what was worked on has been read anew. */
  readonly opened: () => Promise<void>;
}

/** Works that need an agent's store and journal for themselves: one at a time, between the agent's own doings. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  /** The work under way; never rejects. */
  #working: Promise<unknown> = Promise.resolve();

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  /**
   * Lets `work` have the store and the journal for itself, under the locks: no exchange, no save meanwhile; what is served is
   * served on. Afterwards everything is read anew. Rejects `AGENT_HELD`, `SECRET_NOT_PERSISTED`, `SHUTTING_DOWN`, and as the
   * work. `empties` tells of a result whether it means that the state was taken away on purpose.
   */
  async run<Result>(work: Work<Result>, empties: (result: Result) => boolean): Promise<Result> {
    const { replies, effects, parts, signal, dispatch, opened } = this.#options;
    const pending = replies.open(['admitted'], signal);
    dispatch({ type: 'maintenance-requested', request: pending.request });
    await pending.reply('admitted');
    const working = effects.whileHeld(() => work(parts(), signal));
    this.#working = working.catch(() => {});
    let emptied = false;
    try {
      const result = await working;
      emptied = empties(result);
      return result;
    } finally {
      dispatch({ type: 'maintenance-ended', ...(emptied && { emptied }) });
      await opened();
    }
  }

  /** Resolves when nothing works on the files any more. */
  async ended(): Promise<void> {
    await this.#working;
  }
}
