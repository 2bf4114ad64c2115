import type { Fingerprint } from '../../src/domain/secret.ts';

/** An attempt that was open when the daemon was killed. */
export interface KilledAttempt {
  /** Of the journal at the intent; a grant makes it more. */
  readonly generation: number;
  /** Of the secret that it spent. */
  readonly spent: Fingerprint;
  /** Whether the disk has a grant in answer to it. */
  readonly granted: boolean;
  /** When the process had ended, on the clock in `points.ts`. */
  readonly killedAtMs: number;
}

/** What is known of one agent over all lives of the daemon. */
export interface Witness {
  readonly name: string;
  /** The highest generation that the daemon has told anybody. */
  acknowledged: number;
  /** The highest sequence of a token that the daemon has told anybody. */
  sequence: number;
  /** Of the newest secret on the disk after the last kill. */
  generation: number;
  /** Attempts whose fate is not known yet. */
  open: KilledAttempt[];
  /** The secret that was handed over last, and whether the daemon said that it is durable; null before the first. */
  handedOver: { readonly fingerprint: Fingerprint; acknowledged: boolean } | null;
  /** Every secret that was ever readable on the disk after a kill. */
  readonly seen: Set<string>;
  /** Secrets in answers that were found written, but without their name. */
  readonly unnamed: Set<string>;
  /** Spent secrets whose refusal has been looked into. */
  readonly judged: Set<string>;
}

export function newWitness(name: string): Witness {
  return {
    name,
    acknowledged: 0,
    sequence: 0,
    generation: 0,
    open: [],
    handedOver: null,
    seen: new Set(),
    unnamed: new Set(),
    judged: new Set(),
  };
}
