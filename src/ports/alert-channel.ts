import type { ErrorCode } from '../domain/errors.ts';
import type { AlertStatus } from '../domain/status.ts';

/** One change of an alert: it begins to stand (`firing`) or ends (`resolved`). */
export interface AlertNotice extends Omit<AlertStatus, 'code'> {
  /** `TEST` is sent by `tokenward alerts test` only. */
  readonly code: ErrorCode | 'TEST';
  /** null = the daemon as a whole. */
  readonly agent: string | null;
  readonly status: 'firing' | 'resolved';
  /** 1, and more for alerts of the same agent and code that stand beside another one. Agent, code and this name the alert. */
  readonly ordinal: number;
  /** ISO 8601, UTC; null while it stands. */
  readonly endedAt: string | null;
  /** The alert goes on with another severity: the notice of that follows. */
  readonly superseded: boolean;
  /** How often it came and went untold before this notice. */
  readonly flapped: number;
}

/** A way to tell people or machines. */
export interface AlertChannel {
  /** Tells channels apart in the log, in metrics and across restarts. Without anything secret. */
  readonly name: string;
  /** A record of what happened: it is told of every episode, however they flap, and anew after each start. */
  readonly isRecord?: boolean;
  /** Milliseconds after which a delivery is given up; 30 s where nothing is said. */
  readonly deadlineMs?: number;
  /** Resolves when the notice was taken; rejects where it should be tried again. */
  deliver(notice: AlertNotice, signal: AbortSignal): Promise<void>;
  /** For a receiver that forgets: is told again of all that it knows to stand, every so many milliseconds. */
  readonly repeat?: {
    readonly everyMs: number;
    deliver(notices: readonly AlertNotice[], signal: AbortSignal): Promise<void>;
  };
}
