import type { Answer } from '../../../src/domain/outcome.ts';
import type { Fingerprint } from '../../../src/domain/secret.ts';
import { short } from '../trace.ts';
import type { Flight, Observer, SiteView, Verdicts } from '../views.ts';

/**
 * A secret whose answer was ever lost, or that came from a replay, may be spent: nobody calls it revoked. One that does not
 * rotate cannot be spent.
 */
export function watchRevoked(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (!site.settings.rotates) return {};
  const doubted = new Set<Fingerprint>();
  const fromReplay = new Set<Fingerprint>();
  /** The secret that was handed over last. */
  let candidate: { readonly secret: Fingerprint; granted: boolean } | null = null;
  /** Lost, but the agent may not have written it down yet. */
  let fresh: Flight | null = null;

  function settle(): void {
    if (fresh !== null) doubted.add(fresh.secret);
    fresh = null;
  }

  return {
    answered(flight) {
      const { answer, secret, granted } = flight;
      if (candidate?.secret === secret && granted !== null) candidate.granted = true;
      if (answer === null || !understood(answer)) fresh = flight;
      else if (granted !== null && doubted.has(secret)) fromReplay.add(granted.secret);
    },
    died(run) {
      if (run.flight !== null && run.flight.answer === null) fresh = run.flight;
      settle();
      if (site.settings.store === 'memory') doubted.clear();
    },
    handsOver(secret) {
      // A hand-over begins anew; only a doubt that still stands about this very candidate stays when it is given again.
      const stands = candidate?.secret === secret && !candidate.granted;
      if (!stands) for (const known of [doubted, fromReplay]) known.delete(secret);
      if (!stands && candidate !== null) doubted.delete(candidate.secret);
      candidate = { secret, granted: false };
    },
    wrote(step) {
      if (step === 'sync-folder' && site.survivingMedia().record?.intent === null) settle();
    },
    sends: settle,
    stepped(run) {
      const { status } = run.status.secret;
      if (status !== 'refused' && status !== 'lost') return;
      const { current, record } = site.media();
      const [now, before] = [current?.fingerprint, record?.previous?.fingerprint];
      // One from a replay that was itself exchanged has shown that it was not spent by the lost answer.
      const replayed = now !== undefined && fromReplay.has(now);
      const spent = replayed ? now : [now, before].find((each) => each !== undefined && doubted.has(each));
      if (spent === undefined) return;
      if (status === 'lost') exercised();
      else violated('a secret is called revoked though an answer to it was lost', { secret: short(spent) });
    },
    restored() {
      doubted.clear();
      fromReplay.clear();
      fresh = null;
    },
  };
}

/** Whole, and of the API: an error page of something in between says nothing about the secret, nor does any 5xx. */
function understood(answer: Answer): boolean {
  if (answer.kind !== 'http' || !answer.complete || answer.status >= 500) return false;
  const { status, headers, body } = answer;
  if (body.length === 0) return status < 400 || status === 404 || status === 429;
  return headers['content-type'] === 'application/json';
}
