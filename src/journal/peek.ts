import type { JournalRecord } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import type { Disk } from '../ports/disk.ts';
import { decodeRecord, decodeSession } from './journal-codec.ts';
import { recordFile, sessionFile } from './journal-names.ts';
import { readSealed } from './sealed-files.ts';

interface JournalPlace {
  readonly disk: Pick<Disk, 'read'>;
  readonly folder: string;
  readonly agent: string;
}

/**
 * Record and session of a journal, for one look without its locks: nothing is written or tidied up, and a daemon may replace
 * either at any moment. Rejects with Node's errors.
 */
export async function peekIntoJournal(
  place: JournalPlace,
  keys: WrappingKeys,
): Promise<{
  readonly record: JournalRecord | null | 'unreadable';
  readonly session: Token | null | 'unreadable';
}> {
  return {
    record: await readSealed(recordFile, 'journal', place, keys, decodeRecord),
    session: await readSealed(sessionFile, 'session', place, keys, decodeSession),
  };
}
