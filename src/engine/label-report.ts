import type { AgentState } from '../domain/agent-state.ts';
import { factsOf, labelOf } from '../domain/facts.ts';
import type { Stamp } from '../domain/stamp.ts';
import type { AgentLabel } from '../domain/status.ts';
import type { Log } from '../ports/log.ts';

/** Logs an agent's label: once per change, and only of a state that rests. What a rotation passes through within milliseconds is no news. */
export class LabelReport {
  readonly #log: Log;
  #label: AgentLabel | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  report(state: AgentState, now: Stamp): void {
    if (state.phase.name !== 'waiting') return;
    const label = labelOf(factsOf(state, now));
    if (label !== this.#label) this.#log.info('state-changed', { state: label, previous: this.#label });
    this.#label = label;
  }
}
