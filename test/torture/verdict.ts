import type { Decision, ServerRecord } from './server-record.ts';
import type { SideLog } from './side-log.ts';
import type { Stage } from './tally.ts';
import type { Witness } from './witness.ts';

/** What is known of a lock-out: the server's word, the daemon's notes, and what was on the disk after each kill. */
export interface Evidence {
  readonly server: ServerRecord;
  readonly sideLog: SideLog;
  readonly witness: Witness;
  /** The refusal by which the daemon learned of it. */
  readonly refusal: Decision;
}

/** Nobody's fault, with how far the answer had come; or the daemon's own. */
export type Verdict = { readonly stage: Stage } | { readonly fault: string };

/** A lock-out is nobody's fault where the server had committed, and its answer was not durable when the process was killed. */
export function judgeLockOut(evidence: Evidence): Verdict {
  const { server, sideLog, witness, refusal } = evidence;
  const spent = refusal.presented ?? '';
  const grant = server.on(spent).findLast(({ outcome }) => outcome === 'granted');
  if (grant === undefined) return { fault: 'the server had never granted the secret that it refused' };
  if (!sideLog.wasAsked(spent)) return { fault: 'the side log knows no request' };
  if (witness.seen.has(grant.issued ?? '')) return { fault: 'the new secret had been on the disk' };
  if (witness.unnamed.has(grant.issued ?? ''))
    return { fault: 'all of its answer had been on the disk, without its name' };
  const between = ({ atMs }: { readonly atMs: number }) => atMs > grant.atMs && atMs < refusal.atMs;
  const steps = sideLog.rawSteps(witness.name).filter(between);
  const named = steps.find(({ step }) => step === 'rename');
  if (named !== undefined) return { fault: `its answer was durable at ${named.atMs} (${named.file})` };
  if (!sideLog.answersTo(spent).some((atMs) => between({ atMs }))) return { stage: 'on its way' };
  return { stage: steps.length > 0 ? 'being written' : 'read' };
}

/** Everything about a lock-out, for people. */
export function dossier({ server, sideLog, witness, refusal }: Evidence): string {
  const spent = refusal.presented ?? '';
  return JSON.stringify({
    spent,
    decisions: server.on(spent),
    answersReadAtMs: sideLog.answersTo(spent),
    lastSteps: sideLog.rawSteps(witness.name).slice(-12),
    handedOver: witness.handedOver,
  });
}
