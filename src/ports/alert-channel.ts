import type { AlertStatus } from '../domain/status.ts';

/** One change of an alert: it begins to stand (`firing`) or ends (`resolved`). */
export interface AlertNotice extends AlertStatus {
  readonly agent: string;
  readonly status: 'firing' | 'resolved';
}

/** A way to tell people or machines. */
export interface AlertChannel {
  readonly name: string;
  /** Resolves when the notice was taken; rejects where it should be tried again. */
  deliver(notice: AlertNotice, signal: AbortSignal): Promise<void>;
}
