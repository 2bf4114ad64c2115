import type { ErrorCode } from './errors.ts';
import type { Answer } from './outcome.ts';
import type { Credential, Fingerprint } from './secret.ts';
import type { Stamp } from './stamp.ts';

/**
 * What an agent must not forget: the sealed record that is replaced as a whole at every step of a rotation (DESIGN §3).
 * Everything in it is plain data, so that a transition can compute the next record and a test can compare two.
 */
export interface JournalRecord {
  /** Names this state folder's copy of the agent; the secret store carries it as `owner`. */
  readonly stateId: string;
  /** The host or volume on which the record was written; a copy of the folder on another one is a clone. */
  readonly identity: string;
  /** Origin of the server to which the secrets belong. */
  readonly origin: string;
  /** Of the current secret; 0 before the first grant. */
  readonly generation: number;
  /** Of the newest token; 0 before the first. */
  readonly sequence: number;
  /** Written before the request is sent, gone when its outcome is known and saved. At most one is under way. */
  readonly intent: Attempt | null;
  /** What is known of the current secret beyond its text. */
  readonly current: SecretFacts;
  /** The last spent secret of the lineage. */
  readonly previous: PreviousSecret | null;
  /** What is known of the candidate with this fingerprint; a candidate in the store that has another one is new. */
  readonly candidate: CandidateFacts | null;
  /** The newest secret, until it has itself been exchanged: a store may acknowledge before its disk does. */
  readonly kept: HeldSecret | null;
  readonly refusal: Refusal | null;
  /** Sequence of a token that the server is known to reject; it is never served again. */
  readonly rejectedSequence: number | null;
  /** Tokens in a row that somebody was refused with; null where the newest one came by schedule. */
  readonly rejections: Rejections | null;
  /** Of the newest content of `secret_file` that was taken over: the same content is never taken over twice. */
  readonly adoptedFile: Fingerprint | null;
  readonly bucket: Bucket;
  readonly lastExchange: LastExchange | null;
}

/** Which secret an attempt spends. */
export type AttemptSlot = 'current' | 'previous' | 'candidate';

/** The intent: one exchange about to be sent. */
export interface Attempt {
  readonly id: string;
  readonly slot: AttemptSlot;
  /** Generation of the journal when it was written; a grant makes it +1. */
  readonly generation: number;
  /** Of the secret about to be spent. */
  readonly fingerprint: Fingerprint;
  readonly sentAt: Stamp;
  /** Milliseconds after `sentAt` at which we give up on the answer; before that a replay could meet it on its way. */
  readonly deadlineMs: number;
  /** Milliseconds of life asked for. */
  readonly ttlMs: number;
}

/** One or more attempts with one secret of which nobody knows how they ended. */
export interface Doubt {
  readonly attempts: number;
  readonly since: Stamp;
  /** When the newest attempt is surely over. */
  readonly overAt: Stamp;
  /** A person allowed one more attempt where the policy is `halt`; the doubt that it may leave behind is without it. */
  readonly mayReplay?: true;
  /**
   * The attempt was another process's, at a store that several hosts share: it may have the answer, and not be able to put it
   * there now.
   */
  readonly elsewhere?: true;
}

export interface SecretFacts {
  readonly doubt: Doubt | null;
  /**
   * Whether a refusal of this secret may mean something else than a revocation: the server gave it in answer to a replay, so
   * that the lost first answer may have had another one, or a person took it over from a copy, a backup, another folder or an
   * answer that nobody understood.
   */
  readonly uncertain: boolean;
}

export interface PreviousSecret extends Credential {
  readonly generation: number;
  /** Whether an answer to it was ever lost. */
  readonly doubted: boolean;
  readonly doubt: Doubt | null;
}

export interface CandidateFacts {
  readonly fingerprint: Fingerprint;
  readonly doubt: Doubt | null;
  /**
   * The server gave its verdict on it. A refused one is kept and a granted one may outlive its removal; neither is ever sent
   * again.
   */
  readonly settled: boolean;
}

/** A secret and its number in the row of the agent's secrets. */
export interface HeldSecret extends Credential {
  readonly generation: number;
}

/**
 * The server said no to the current secret. `suspected`: the previous one has not been tried yet; `refused`: proven;
 * `lost`: an answer went missing before, so it may have been spent rather than revoked.
 */
export interface Refusal {
  readonly kind: 'suspected' | 'refused' | 'lost';
  readonly since: Stamp;
  /** When a secret was last tried, for the pace of one try per 5 minutes. */
  readonly lastTryAt: Stamp;
  readonly tries: number;
  readonly detail: string;
}

export interface Rejections {
  /** Looks that brought another token, or found nothing wrong with this one. */
  readonly streak: number;
  readonly since: Stamp;
  readonly lastAt: Stamp;
  /** The newest look brought another token. */
  readonly replaced?: true;
}

/** A token bucket of exchanges (not of access tokens). */
export interface Bucket {
  /** 0..capacity; fractions grow with time. */
  readonly level: number;
  readonly at: Stamp;
}

export interface LastExchange {
  readonly at: Stamp;
  readonly outcome: string;
  readonly code: ErrorCode | null;
}

/** What arrived in answer to an attempt, kept before anyone looks into it. */
export interface RawAnswer {
  readonly attempt: Attempt;
  readonly answer: Answer;
}
