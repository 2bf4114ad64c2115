import type { Credential } from '../domain/secret.ts';
import type { AlertStatus } from '../domain/status.ts';
import type { Token } from '../domain/token.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Locks } from '../ports/lock.ts';
import type { Log } from '../ports/log.ts';
import type { Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { RotationMeter } from '../ports/rotation-meter.ts';
import type { SecretStore } from '../ports/secret-store.ts';

/** Everything around one agent's decisions: its store, its journal, its server, and who is told. */
export interface AgentParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly locks: Locks;
  /** Lock files, in the order in which they are taken: the agent's in the state folder, then the store's. */
  readonly lockPaths: readonly string[];
  readonly store: SecretStore;
  readonly journal: Journal;
  readonly provider: Provider;
  /** What this host or volume is; a state folder from another one is a clone. */
  readonly identity: () => Promise<string>;
  readonly credential: (text: string) => Credential;
  /** A token that is durable (or known to be in memory only) goes out to the outputs. Must not block. */
  readonly publish: (token: Token) => void;
  /** The token of this number is known dead: outputs need not keep it. Also called for one that an earlier life left. Must not block. */
  readonly withdraw: (sequence: number) => void;
  /**
   * All conditions that stand now; called whenever they may have changed. `isKnown` is false as long as the store and the journal
   * are not read, or are another process's. Must not block.
   */
  readonly alerts: (alerts: readonly AlertStatus[], isKnown: boolean) => void;
  readonly meter: RotationMeter;
}
