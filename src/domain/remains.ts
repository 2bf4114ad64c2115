import { isoTime } from './alerts.ts';
import type { JournalRecord } from './journal-entry.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import type { AgentStatus, SecretFact, StoreKind } from './status.ts';
import { remainingMs, type Token } from './token.ts';

/**
 * What is known of an agent without its daemon: from its state folder, its lock and its token files. What the daemon says too
 * has the same name and form as in {@link AgentStatus}; null stands for what could not be seen.
 */
export interface AgentRemains extends RecordFacts {
  readonly agent: string;
  readonly provider: string;
  /** A label is the daemon's to give. */
  readonly state: null;
  readonly secret: {
    readonly status: SecretFact | null;
    readonly generation: number | null;
    readonly store: StoreKind;
  };
  readonly holder: Holder;
  readonly folder: string;
  /** Sealed records in the folder. */
  readonly files: readonly FoundFile[];
  /** Answers of the server that no later attempt has settled yet. */
  readonly kept_answers: number;
  /** Names of the folders into which `recover` moved something. */
  readonly set_aside: readonly string[];
  readonly token_files: readonly TokenFileRemains[];
  /** Why the records could not be read, and what helps; null where they were. */
  readonly unread: string | null;
}

export interface RecordFacts {
  readonly token: AgentStatus['token'] | null;
  readonly last_exchange: AgentStatus['last_exchange'];
  /** An exchange was sent, and nobody knows yet how it ended: the next start settles it. */
  readonly open_attempt: boolean | null;
}

/**
 * Who has the agent's lock. `left`: nobody that can be seen, but process `pid` did not take it away as it does at its end. `unknown`: the lock
 * or the kernel's table of locks cannot be seen.
 */
export interface Holder {
  readonly status: 'none' | 'held' | 'left' | 'unknown';
  readonly pid: number | null;
}

export interface FoundFile {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly modified_at: string;
}

export interface TokenFileRemains {
  readonly path: string;
  /** `current`: the newest token of the session on disk. `unread`: it is there, and cannot be compared. */
  readonly status: 'current' | 'other' | 'missing' | 'unread';
}

/** A state folder as it could be read. `candidateStored`: a secret that was handed over lies beside the current one. */
export interface ReadState {
  readonly record: JournalRecord | null;
  readonly session: Token | null;
  readonly candidateStored: boolean;
}

/** As the next start would find it, as far as that can be told without opening a secret. */
export function secretFactIn({ record, candidateStored }: ReadState): SecretFact {
  if (record === null) return candidateStored ? 'pending' : 'absent';
  const { refusal, generation, current, candidate } = record;
  if (candidateStored && candidate?.settled !== true) return 'pending';
  if (refusal?.kind === 'lost') return 'lost';
  if (refusal?.kind === 'refused') return 'refused';
  if (generation === 0) return 'absent';
  return current.doubt !== null || record.intent !== null ? 'in_doubt' : 'held';
}

export function recordFacts({ record, session }: ReadState, now: Stamp): RecordFacts {
  const last = record?.lastExchange ?? null;
  return {
    token: tokenFacts(record, session, now),
    last_exchange:
      last === null
        ? null
        : { at: isoTime(now, -elapsedMs(last.at, now)), outcome: last.outcome, code: last.code },
    open_attempt: record !== null && record.intent !== null,
  };
}

function tokenFacts(record: JournalRecord | null, session: Token | null, now: Stamp): AgentStatus['token'] {
  if (session === null) {
    const sequence = record?.sequence ?? 0;
    return { status: 'none', sequence, fingerprint: null, expires_at: null, expires_in: null };
  }
  const leftMs = remainingMs(session, now);
  const isRejected = record?.rejectedSequence === session.sequence;
  return {
    status: isRejected ? 'rejected' : leftMs > 0 ? 'valid' : 'expired',
    sequence: session.sequence,
    fingerprint: session.fingerprint,
    expires_at: isoTime(now, session.ttlMs - elapsedMs(session.sentAt, now)),
    expires_in: Math.floor(leftMs / 1000),
  };
}
