import type { ErrorCode } from '../domain/errors.ts';
import type { AlertStatus } from '../domain/status.ts';
import type { Clock } from '../ports/clock.ts';

/** A warning that begins now, of what is no part of a rotation. */
export function daemonAlert(clock: Clock, code: ErrorCode, summary: string): AlertStatus {
  return { code, severity: 'warning', since: new Date(clock.now().wallMs).toISOString(), summary };
}
