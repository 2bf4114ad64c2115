import type { ErrorCode } from './errors.ts';
import type { AttemptSlot, Refusal } from './journal-entry.ts';
import type { Fingerprint } from './secret.ts';
import type { AgentLabel, StoreKind } from './status.ts';

/**
 * What `tokenward recover` shows of an agent: as `POST /v1/agents/{agent}/recover` answers it. Never the text of a credential.
 * Times are ISO 8601 in UTC.
 */
export interface RecoveryReport {
  readonly agent: string;
  /** The label of the status (DESIGN §5). */
  readonly state: AgentLabel;
  /** null where nothing is wrong. */
  readonly matter: { readonly code: ErrorCode; readonly summary: string } | null;
  readonly remedy: Remedy;
  /** The safe next step; null where there is none, or none is needed. */
  readonly recommended: RecoveryActionName | null;
  /** What to do, in a sentence. */
  readonly advice: string;
  /** Everything that can be done, the recommended one first. */
  readonly actions: readonly RecoveryAction[];
  /** null where the store does not answer. */
  readonly store: StoreFacts | null;
  readonly journal: JournalFacts | null | 'unreadable';
  readonly session: SessionFacts | null | 'unreadable';
  /** Raw answers that are kept, oldest first. */
  readonly answers: readonly AnswerFacts[];
  /** What the server's list says; null where nobody asked. */
  readonly server: ServerFacts | null;
}

/**
 * Who or what mends it: nothing is to be done; the recommended action; only a new secret (or a person's choice among the
 * actions); or whoever looks after the store.
 */
export type Remedy = 'none-needed' | 'action' | 'new-secret' | 'store';

/** Stable names: scripts give them to `--action`. */
export const recoveryActionNames = [
  'finish-from-answer',
  'replay',
  'adopt',
  'set-aside-unreadable',
  'set-aside',
  'drop-answers',
] as const;

export type RecoveryActionName = (typeof recoveryActionNames)[number];

export interface RecoveryAction {
  readonly name: RecoveryActionName;
  /** What it does, as the rest of a sentence that begins with its name. */
  readonly does: string;
  /** What can come of it that is not wanted. */
  readonly risk: string;
}

export interface StoreFacts {
  readonly kind: StoreKind;
  readonly key: 'present' | 'missing';
  readonly current: StoredFacts | null | 'unreadable';
  readonly candidate: StoredFacts | null | 'unreadable';
}

export interface SecretFacts {
  readonly generation: number;
  readonly fingerprint: Fingerprint;
}

export interface StoredFacts extends SecretFacts {
  /** Whether this state folder wrote it; null where the folder cannot tell. */
  readonly ours: boolean | null;
  /** Of the server that it is for. */
  readonly origin: string;
}

export interface JournalFacts {
  readonly generation: number;
  readonly sequence: number;
  readonly origin: string;
  /** Whether it was written on this machine or volume. */
  readonly here: boolean;
  /** Sent, and its end was never written down. */
  readonly open_attempt: AttemptFacts | null;
  readonly doubt: DoubtFacts | null;
  readonly kept: SecretFacts | null;
  readonly previous: (SecretFacts & { readonly doubted: boolean }) | null;
  readonly candidate: {
    readonly fingerprint: Fingerprint;
    readonly doubt: DoubtFacts | null;
    readonly settled: boolean;
  } | null;
  readonly refusal: {
    readonly kind: Refusal['kind'];
    readonly since: string;
    readonly tries: number;
  } | null;
  readonly last_exchange: { readonly at: string; readonly outcome: string } | null;
}

export interface AttemptFacts extends SecretFacts {
  readonly id: string;
  readonly slot: AttemptSlot;
  readonly sent_at: string;
  /** When its answer was no longer waited for. */
  readonly over_at: string;
}

export interface DoubtFacts {
  readonly attempts: number;
  readonly since: string;
  readonly over_at: string;
}

export interface SessionFacts {
  readonly sequence: number;
  readonly granted_at: string;
  readonly expires_at: string;
}

export type AnswerFacts =
  | { readonly attempt: string; readonly readable: false }
  | {
      readonly attempt: string;
      readonly readable: true;
      readonly slot: AttemptSlot;
      readonly generation: number;
      readonly sent_at: string;
      /** Of HTTP; null where not even a status line came. */
      readonly status: number | null;
      readonly bytes: number;
      readonly complete: boolean;
      /** Whether this version knows what it means. */
      readonly understood: boolean;
      /** Whether a new secret can be found in it, understood or not. */
      readonly new_secret: boolean;
    };

export interface ServerFacts {
  /** Of the secret at the server. */
  readonly name: string;
  /** null where the server has no secret of that name, or does not say. */
  readonly status: string | null;
  readonly modified_at: string | null;
  readonly finding: ServerFinding;
  /** What follows from it. */
  readonly summary: string;
}

export type ServerFinding = 'absent' | 'revoked' | 'changed-since' | 'unchanged' | 'unclear';

/** What a recovery did, and how the agent is now. */
export interface RecoveryResult {
  readonly report: RecoveryReport;
  /** null where only the report was wanted, or nothing was to be done. */
  readonly done: RecoveryActionName | null;
  /** The folder with what was set aside; null where nothing was. */
  readonly setAside: string | null;
}

export interface RecoveryRequest {
  /** null: the recommended one. */
  readonly action: RecoveryActionName | null;
  /** What the caller takes to be the matter, so that nobody decides about something else than he saw; null: whatever it is. */
  readonly matter: ErrorCode | null;
  readonly dryRun: boolean;
}
