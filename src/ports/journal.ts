import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import type { Attic } from './attic.ts';
import type { SealedRecords } from './sealed-records.ts';
import type { WrappingKey } from './secret-store.ts';

/**
 * The sealed write-ahead record of one agent, with its session and its raw answers. Every write is durable on return (file
 * and folder fsynced) and replaces its predecessor as a whole. A record that cannot be opened with the key is `unreadable`,
 * never absent.
 */
export interface Journal extends SealedRecords {
  /** Whether anything sealed is there, without opening it: then a missing key must not be replaced by a new one. */
  hasState(): Promise<boolean>;
  /**
   * Opens everything with the key, or with the next one while the key is being replaced; all later calls use them, and write
   * with the key. Leftovers of interrupted writes are removed.
   */
  open(key: WrappingKey, nextKey?: WrappingKey | null): Promise<JournalImage>;
  /**
   * What another process that holds the agent has written, read with these keys; nothing is changed, and later calls go by the
   * keys that they had. Only where several hosts share one journal.
   */
  peek?(key: WrappingKey, nextKey: WrappingKey | null): Promise<Pick<JournalImage, 'record' | 'session'>>;
  saveRecord(record: JournalRecord): Promise<void>;
  saveRaw(raw: RawAnswer): Promise<void>;
  saveSession(token: Token): Promise<void>;
  /** Removes the raw answer of one attempt, by its id; null = of all. */
  dropRaws(attempt: string | null): Promise<void>;
  /** Pre-flight: a dummy record of full size is written, fsynced and removed. Rejects `STATE_DIR_UNUSABLE`. */
  proveWritable(): Promise<void>;
  /** Each raw answer by itself, oldest first and unreadable ones last; only after {@link Journal.open}. */
  answers(): Promise<readonly KeptAnswer[]>;
  /** Opens a place of this name for what is set aside; nothing is written before something goes there. */
  openAttic(name: string): Promise<Attic>;
  /** Takes a part of the journal away, readable or not; an absent one is no error. Needs no key. */
  setAside(part: JournalPart, attic: Attic): Promise<void>;
}

export type JournalPart = 'record' | 'session' | 'answers' | { readonly answer: string };

export interface KeptAnswer {
  /** Id of its attempt. */
  readonly attempt: string;
  readonly raw: RawAnswer | 'unreadable';
}

export interface JournalImage {
  readonly record: JournalRecord | null | 'unreadable';
  readonly session: Token | null | 'unreadable';
  /** Oldest first. */
  readonly raws: readonly RawAnswer[] | 'unreadable';
}
