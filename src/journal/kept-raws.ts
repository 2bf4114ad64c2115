import type { RawAnswer } from '../domain/journal-entry.ts';
import type { KeptAnswer } from '../ports/journal.ts';

/** Which raw answers are kept: an answer that may hold a secret always, of the others as many as `limit` leaves room for. */

/** The answer to give up, given all of them oldest first; undefined where all are kept. */
export function spareRaw<Raw extends RawAnswer>(raws: readonly Raw[], limit: number): Raw | undefined {
  return raws.length <= limit ? undefined : raws.find((raw) => !mayHoldSecret(raw));
}

/** Only a successful answer can carry a new secret; an error page of a load balancer cannot. */
export function mayHoldSecret({ answer }: RawAnswer): boolean {
  return answer.kind === 'http' && answer.status >= 200 && answer.status < 300;
}

/** Oldest first. */
export function inOrder<Raw extends RawAnswer>(raws: readonly Raw[]): readonly Raw[] {
  return raws.toSorted((a, b) => a.attempt.sentAt.wallMs - b.attempt.sentAt.wallMs);
}

/** When its attempt was sent, wall-clock ms; what cannot be read comes last. */
export function sentAtMs({ raw }: KeptAnswer): number {
  return raw === 'unreadable' ? Number.POSITIVE_INFINITY : raw.attempt.sentAt.wallMs;
}
