import type { HeldSecret, JournalRecord } from './journal-entry.ts';
import type { Token } from './token.ts';

/** One durable step after an outcome is known. Each may be repeated; a crash between two is a prefix that the next start finishes. */
export type SaveStep =
  /** The wrapping key at the first hand-over; made only where nothing sealed exists. */
  | { readonly save: 'key' }
  | { readonly save: 'current'; readonly secret: HeldSecret; readonly record: JournalRecord }
  | { readonly save: 'candidate'; readonly secret: HeldSecret; readonly record: JournalRecord }
  | { readonly save: 'session'; readonly token: Token }
  | { readonly save: 'record'; readonly record: JournalRecord }
  /** Tidying up: a failure here loses nothing and is not repeated. */
  | { readonly save: 'candidate-removed' }
  /** The answers of one attempt; null = of all. */
  | { readonly save: 'raws-dropped'; readonly attempt: string | null };
