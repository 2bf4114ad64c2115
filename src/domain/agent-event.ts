import type { AgentSettings } from './agent-state.ts';
import type { ErrorCode } from './errors.ts';
import type { Holder } from './holder.ts';
import type { Attempt, JournalRecord } from './journal-entry.ts';
import type { Answer, Outcome } from './outcome.ts';
import type { ProbeVerdict } from './probe.ts';
import type { Credential, Fingerprint } from './secret.ts';
import type { Stamp } from './stamp.ts';
import type { AlertStatus } from './status.ts';
import type { Token } from './token.ts';

/** What the transition needs from outside besides the event: the moment, and chance. Drawn anew for every event. */
export interface Moment {
  readonly now: Stamp;
  /** Uniform in [0, 1). */
  readonly draw: number;
  /** A fresh UUID. */
  readonly id: string;
}

/** What the store holds, as it was just read. */
export interface StoreView {
  readonly current: StoredView | null | 'unreadable';
  readonly candidate: StoredView | null | 'unreadable';
}

export interface StoredView extends Credential {
  readonly generation: number;
  readonly owner: string;
  readonly origin: string;
}

/** Everything that a start finds. */
export interface OpenedView extends StoreView {
  readonly identity: string;
  /** False: the store answers and has no wrapping key. Then `record`, `session` and `raws` cannot be known. */
  readonly keyPresent: boolean;
  /** Whether sealed records are on disk, readable or not. */
  readonly sealedStatePresent: boolean;
  readonly record: JournalRecord | null | 'unreadable';
  readonly session: Token | null | 'unreadable';
  /** Answers kept from attempts whose end is not settled, oldest first, each with what it means today. */
  readonly raws: readonly InterpretedRaw[] | 'unreadable';
}

/** What a standby reads of the holder's; null also for what it cannot read. */
export interface ObservedView {
  readonly record: JournalRecord | null;
  readonly session: Token | null;
  readonly current: StoredView | null;
}

export interface InterpretedRaw {
  readonly attempt: Attempt;
  readonly outcome: Outcome;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly detail: string;
}

export type AgentEvent =
  | { readonly type: 'started' }
  | { readonly type: 'opened'; readonly view: OpenedView }
  | ({ readonly type: 'held-elsewhere' } & Holder)
  /** What the store holds changed; whoever did it. */
  | { readonly type: 'store-changed' }
  /** What the holder keeps in the store that a standby shares with it. */
  | { readonly type: 'observed'; readonly view: ObservedView }
  | { readonly type: 'observe-failed' }
  | { readonly type: 'open-failed'; readonly failure: Failure }
  /** The timer; also harmless at any other time. */
  | { readonly type: 'woke' }
  | { readonly type: 'prepared'; readonly view: StoreView }
  /** The store or the disk could not keep an answer now, so nothing is sent. */
  | { readonly type: 'store-failed'; readonly failure: Failure }
  /** Somebody removed or replaced a locked file. */
  | { readonly type: 'lock-lost' }
  /** No connection was to be had; nothing was sent and no intent written. */
  | { readonly type: 'not-connected'; readonly failure: Failure }
  | { readonly type: 'intent-saved' }
  | { readonly type: 'intent-failed'; readonly failure: Failure }
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'raw-saved' }
  | { readonly type: 'raw-failed'; readonly failure: Failure }
  | { readonly type: 'interpreted'; readonly outcome: Outcome }
  | { readonly type: 'step-saved' }
  | { readonly type: 'step-failed'; readonly failure: Failure }
  | { readonly type: 'refresh-requested'; readonly request: string }
  | {
      readonly type: 'handed-over';
      readonly request: string;
      readonly secret: Credential;
      /** Found in the file that is watched for new secrets (`secret_file`); else somebody gave it. */
      readonly from?: 'file';
    }
  /** Somebody was refused with the token that has this fingerprint. `certain`: it needs no confirmation. */
  | { readonly type: 'token-reported'; readonly fingerprint: Fingerprint; readonly certain: boolean }
  /** What the server said to the token that was shown to it. */
  | { readonly type: 'probed'; readonly id: string; readonly verdict: ProbeVerdict }
  /** Somebody wants the agent's store and journal for themselves; admitted when nothing is under way. */
  | { readonly type: 'maintenance-requested'; readonly request: string }
  /** `emptied`: it took the agent's state away, so that nothing of it is missed. */
  | { readonly type: 'maintenance-ended'; readonly emptied?: true }
  /** The configuration changed; name, provider and store are as they were. */
  | { readonly type: 'reconfigured'; readonly request: string; readonly settings: AgentSettings }
  | { readonly type: 'condition-began'; readonly key: string; readonly alert: AlertStatus }
  | { readonly type: 'condition-ended'; readonly key: string }
  | { readonly type: 'stop-requested' };
