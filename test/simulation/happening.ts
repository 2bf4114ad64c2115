import type { FaultKind } from './fault-kinds.ts';

export interface Happening {
  /** Since the beginning of the story, ms. */
  readonly atMs: number;
  /** Index of the host; a fault of the server's concerns all. */
  readonly host: number;
  readonly fault: FaultKind;
}
