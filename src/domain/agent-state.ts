import type { ErrorCode } from './errors.ts';
import type { Holder } from './holder.ts';
import type { Attempt, AttemptSlot, HeldSecret, JournalRecord } from './journal-entry.ts';
import type { HttpAnswer } from './outcome.ts';
import type { SaveStep } from './save-step.ts';
import type { RefreshWindow } from './schedule.ts';
import type { Credential } from './secret.ts';
import type { Stamp } from './stamp.ts';
import type { AlertStatus, StoreKind } from './status.ts';
import type { Token } from './token.ts';

/** What the configuration says about one agent, as far as decisions need it. All durations are milliseconds. */
export interface AgentSettings {
  readonly agent: string;
  readonly provider: string;
  readonly store: StoreKind;
  /** Whether an exchange replaces the secret. */
  readonly rotates: boolean;
  /** Whether the secret is traded for tokens. Where it is not, the secret is the token, and an attempt shows it to the server. */
  readonly exchange: boolean;
  /** Whether the server makes secrets for an administrator (`tokenward enroll`). */
  readonly creates: boolean;
  /** Whether a token can die before its time: then a stored one is proved before it is served after a restart. */
  readonly tokensRevocable: boolean;
  /** How often the token is shown to the server; null where the configuration names no `probe`. */
  readonly probeEveryMs: number | null;
  /** Epoch milliseconds at which a secret that is the token ends; null where tokens say how long they live. */
  readonly expiresAtMs: number | null;
  readonly inDoubt: 'replay_once' | 'halt';
  readonly ttlMs: number;
  readonly refresh: RefreshWindow;
  readonly maxExchangesPerMinute: number;
  readonly exchangeDeadlineMs: number;
  /** Origin of the server, e.g. `https://logs.example.com`. */
  readonly origin: string;
  /** False for a command that only stores a hand-over: it never exchanges. */
  readonly exchanges: boolean;
}

/** A condition that stands since a moment, with the sentence that explains it. */
export interface Trouble {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly since: Stamp;
}

/** What is under way. One thing at a time: that is what keeps the protocol's order. */
export type Phase =
  /** Locks, store and journal are being opened. */
  | { readonly name: 'opening' }
  | { readonly name: 'waiting' }
  /** Re-read, pre-flight and connection. */
  | { readonly name: 'preparing'; readonly slot: AttemptSlot }
  | { readonly name: 'saving-intent'; readonly attempt: Attempt; readonly record: JournalRecord }
  | { readonly name: 'exchanging'; readonly attempt: Attempt }
  | {
      readonly name: 'saving-raw';
      readonly attempt: Attempt;
      readonly answer: HttpAnswer;
      readonly answeredAt: Stamp;
    }
  | { readonly name: 'interpreting'; readonly attempt: Attempt; readonly answeredAt: Stamp }
  /** Steps that must all succeed, in order; the first is under way, or due again at `retryAt` after a failure. */
  | {
      readonly name: 'saving';
      readonly steps: readonly SaveStep[];
      readonly retryAt: Stamp | null;
      readonly purpose: SavePurpose;
    }
  /** The token is shown to the server. Nothing waits for that: whatever else is wanted comes first, and the answer is ignored. */
  | { readonly name: 'probing'; readonly id: string }
  /** Someone else works on the store and the journal; when that is over, everything is read anew. */
  | { readonly name: 'maintenance' }
  | { readonly name: 'stopped' };

/** All but a hand-over are retried until they succeed; a hand-over that fails is the caller's to repeat. */
export type SavePurpose =
  /** `found`: the answer was found on the disk, so that the token may have been revoked since. */
  | { readonly kind: 'grant'; readonly slot: AttemptSlot; readonly found?: true }
  | { readonly kind: 'outcome' | 'recommit' | 'dead-token' }
  | { readonly kind: 'hand-over'; readonly handOver: HandOver };

/** A new secret that someone waits to have stored. */
export interface HandOver {
  readonly request: string;
  readonly secret: Credential;
  /** Found in the file that is watched for new secrets (`secret_file`); else somebody gave it. */
  readonly from?: 'file';
}

/** Somebody was refused with the token of this number. */
export interface TokenReport {
  readonly sequence: number;
  /** Whoever says so knows it of the server: nothing need confirm it. */
  readonly certain: boolean;
  readonly since: Stamp;
  /** A look by a probe said the same, of a token that had just replaced a rejected one: only another exchange can tell more. */
  readonly looked: boolean;
}

/** What the agent goes by as soon as nothing is under way. */
export interface QueuedSettings {
  readonly settings: AgentSettings;
  /** Who waits to hear that every new exchange goes by them. */
  readonly requests: readonly string[];
}

export interface AgentState {
  readonly settings: AgentSettings;
  readonly phase: Phase;
  /** Another process holds the agent; asked again soon. */
  readonly heldElsewhere: Holder | null;
  /** The store that several processes share changed, and was not read since. */
  readonly observationDue: boolean;
  /** Whether the store and the journal were read since the start; facts are unknown before. */
  readonly opened: boolean;
  /** Identity of this host or volume, once known. */
  readonly identity: string | null;
  /** null before the first hand-over. */
  readonly record: JournalRecord | null;
  readonly current: HeldSecret | null;
  readonly candidate: HeldSecret | null;
  readonly token: Token | null;
  /** Whether this process knows the token to work: it was granted or shown to the server since the start. */
  readonly proved: boolean;
  /** Not confirmed yet. */
  readonly report: TokenReport | null;
  /** When the token was last shown to the server with an answer. */
  readonly probedAt: Stamp | null;
  /** Probes in a row that said nothing, and when the next one may be. */
  readonly probeFailures: number;
  readonly probeAfter: Stamp | null;
  /** The server knows the token and does not let it in. */
  readonly forbidden: Trouble | null;
  /** The store or the state folder cannot be used now. */
  readonly storeTrouble: Trouble | null;
  /** A person must decide (cloned, rolled back, unreadable, mismatch, server changed). */
  readonly blocked: Trouble | null;
  /** A received secret that is not saved yet. */
  readonly unsaved: Trouble | null;
  /** Whether the answer that brought it is in the journal, from which a restart goes on. */
  readonly answerKept: boolean;
  /** Why the newest try to refresh failed; null after a grant. */
  readonly refreshTrouble: Trouble | null;
  /** Failures in a row; feeds the backoff. */
  readonly failures: number;
  /** Our own pause; a forced refresh does not wait for it. */
  readonly backoffUntil: Stamp | null;
  /** The server's `Retry-After`; everybody waits for it. */
  readonly retryAfterUntil: Stamp | null;
  /** Requests that wait for the end of the next attempt. */
  readonly refreshRequests: readonly string[];
  /** Requests that came when the newest token was out already and its saving not yet at its end: they are for the next one. */
  readonly lateRefreshRequests: readonly string[];
  /** A hand-over that waits for a running attempt to end. */
  readonly queuedHandOver: HandOver | null;
  /** Requests for maintenance that wait for what is under way. */
  readonly queuedMaintenance: readonly string[];
  /** Other settings that wait for what is under way. */
  readonly queuedSettings: QueuedSettings | null;
  /** Requests that wait for the server's verdict on the candidate. */
  readonly verdictRequest: HandOver | null;
  /** Conditions outside the rotation, such as a tampered token file, by a key of their own. */
  readonly conditions: Readonly<Record<string, AlertStatus>>;
  readonly stopping: boolean;
}

export function initialState(settings: AgentSettings): AgentState {
  return {
    settings,
    phase: { name: 'opening' },
    heldElsewhere: null,
    observationDue: false,
    opened: false,
    identity: null,
    record: null,
    current: null,
    candidate: null,
    token: null,
    proved: false,
    report: null,
    probedAt: null,
    probeFailures: 0,
    probeAfter: null,
    forbidden: null,
    storeTrouble: null,
    blocked: null,
    unsaved: null,
    answerKept: false,
    refreshTrouble: null,
    failures: 0,
    backoffUntil: null,
    retryAfterUntil: null,
    refreshRequests: [],
    lateRefreshRequests: [],
    queuedHandOver: null,
    queuedMaintenance: [],
    queuedSettings: null,
    verdictRequest: null,
    conditions: {},
    stopping: false,
  };
}
