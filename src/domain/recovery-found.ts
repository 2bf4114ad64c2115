import type { OpenedView } from './agent-event.ts';
import type { AgentSettings } from './agent-state.ts';
import type { RawAnswer } from './journal-entry.ts';
import type { Outcome } from './outcome.ts';
import type { Credential } from './secret.ts';
import type { Stamp } from './stamp.ts';
import type { AgentLabel } from './status.ts';

/** Everything that was found, read under the agent's locks. */
export interface RecoveryFound {
  readonly settings: AgentSettings;
  readonly state: AgentLabel;
  readonly view: OpenedView;
  readonly answers: readonly FoundAnswer[];
  readonly now: Stamp;
  /** A fresh UUID. */
  readonly id: string;
}

/** A kept answer with what this version makes of it. */
export interface FoundAnswer {
  /** Id of its attempt. */
  readonly attempt: string;
  readonly raw: RawAnswer | 'unreadable';
  /** null where it cannot be read. */
  readonly outcome: Outcome | null;
  /** The new secret that a lenient reading finds in an answer which was not understood. */
  readonly salvaged: Credential | null;
}
