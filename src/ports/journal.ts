import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import type { WrappingKey } from './secret-store.ts';

/**
 * The sealed write-ahead record of one agent, with its session and its raw answers. Every write is durable on return (file
 * and folder fsynced) and replaces its predecessor as a whole. A record that cannot be opened with the key is `unreadable`,
 * never absent.
 */
export interface Journal {
  /** Whether anything sealed is there, without opening it: then a missing key must not be replaced by a new one. */
  hasState(): Promise<boolean>;
  /** Opens everything with the key, which all later calls use. Leftovers of interrupted writes are removed. */
  open(key: WrappingKey): Promise<JournalImage>;
  saveRecord(record: JournalRecord): Promise<void>;
  saveRaw(raw: RawAnswer): Promise<void>;
  saveSession(token: Token): Promise<void>;
  /** Removes the raw answer of one attempt, by its id; null = of all. */
  dropRaws(attempt: string | null): Promise<void>;
  /** Pre-flight: a dummy record of full size is written, fsynced and removed. Rejects `STATE_DIR_UNUSABLE`. */
  proveWritable(): Promise<void>;
}

export interface JournalImage {
  readonly record: JournalRecord | null | 'unreadable';
  readonly session: Token | null | 'unreadable';
  /** Oldest first. */
  readonly raws: readonly RawAnswer[] | 'unreadable';
}
