import type { StatusAnswer } from './ask.ts';

/** Who looks at a watch. */
export interface Watcher {
  answered(answer: StatusAnswer): void;
  /** The daemon asks for patience; what was answered last still counts. */
  postponed(reason: string): void;
  close(): void;
}
