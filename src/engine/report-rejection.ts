import type { Note } from '../domain/agent-effect.ts';
import type { Log } from '../ports/log.ts';
import type { RotationMeter } from '../ports/rotation-meter.ts';

/** What is said of tokens that somebody was refused with, or that a probe looked at. */
export type RejectionNote = Extract<Note, { sequence: number }>;

export function isRejectionNote(note: Note): note is RejectionNote {
  return 'sequence' in note;
}

export function reportRejection(
  { event, sequence }: RejectionNote,
  { log, meter }: { readonly log: Log; readonly meter: RotationMeter },
): void {
  if (event !== 'token-proved') meter.happened(event);
  // Both concern a person, though an alert says more.
  if (event === 'token-revoked' || event === 'token-rejected-again') log.warn(event, { sequence });
  else log.info(event, { sequence });
}
