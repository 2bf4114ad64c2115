import type { JournalRecord, RawAnswer } from '../domain/journal-entry.ts';
import type { Token } from '../domain/token.ts';
import type { Attic } from '../ports/attic.ts';
import type { Journal } from '../ports/journal.ts';
import { spareRaw } from './kept-raws.ts';

/** The journal of an agent whose secret lives in memory: it keeps what a running rotation needs and writes nothing to disk. */
export function createMemoryJournal(): Journal {
  let record: JournalRecord | null = null;
  let session: Token | null = null;
  let raws: readonly RawAnswer[] = [];
  return {
    hasState: async () => record !== null,
    open: async () => ({ record, session, raws }),
    async saveRecord(next) {
      record = next;
    },
    async saveRaw(raw) {
      const all = [...raws.filter(({ attempt }) => attempt.id !== raw.attempt.id), raw];
      const spare = spareRaw(all, rawsKept);
      raws = all.filter((each) => each !== spare);
    },
    async saveSession(token) {
      session = token;
    },
    async dropRaws(attempt) {
      raws = attempt === null ? [] : raws.filter((raw) => raw.attempt.id !== attempt);
    },
    proveWritable: async () => {},
    answers: async () => raws.map((raw) => ({ attempt: raw.attempt.id, raw })),
    openAttic: async () => noAttic,
    async setAside(part) {
      if (part === 'record') record = null;
      else if (part === 'session') session = null;
      else raws = part === 'answers' ? [] : raws.filter(({ attempt }) => attempt.id !== part.answer);
    },
    records: async () => [],
    sealAnew: async () => {},
  };
}

/** Memory has no place beside it: what is set aside there is gone, as everything would be at the end of the process. */
const noAttic: Attic = { place: 'nowhere', move: async () => {}, keep: async () => {} };

/** Answers kept of one doubt; memory is not a place to collect them for days. */
const rawsKept = 16;
