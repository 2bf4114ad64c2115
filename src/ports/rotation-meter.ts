import type { Outcome } from '../domain/outcome.ts';
import type { RotationStep } from '../domain/rotation-step.ts';

/** What happens around the rotations of an agent beside their steps. */
export type RotationEvent =
  /** A secret in doubt was sent again. */
  | 'replayed'
  /** A start found an exchange that an earlier process had not ended. */
  | 'interrupted'
  /** The store was behind the journal, and got the newer secret again. */
  | 'recommitted'
  /** What became of a secret that was handed over: durable or not, and then the server's verdict. */
  | 'hand-over-stored'
  | 'hand-over-failed'
  | 'hand-over-granted'
  | 'hand-over-refused'
  /** Somebody was refused with the token, and what came of it. */
  | 'token-reported'
  | 'token-revoked'
  | 'token-replaced'
  | 'token-rejected-again'
  | 'rejection-not-confirmed';

/** Counts for one agent. Nothing here blocks, fails or leads to anything. */
export interface RotationMeter {
  /** The step has succeeded; where something is saved, it is durable. */
  done(step: RotationStep): void;
  /** A try of the step failed. */
  failed(step: RotationStep): void;
  /** An exchange ended; `seconds` from sending to the end of the answer. */
  exchanged(outcome: Outcome['kind'], seconds: number): void;
  /** The answer is durable; `seconds` from its last byte until then. */
  persisted(seconds: number): void;
  happened(event: RotationEvent): void;
}
