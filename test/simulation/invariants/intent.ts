import { short } from '../trace.ts';
import type { Flight, Observer, SiteView, Verdicts } from '../views.ts';

/** The intent is durable before the request leaves, and closed only when its end is known and all it brought is saved. */
export function watchIntent(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (site.settings.store === 'memory') return {};
  let open: { readonly id: string; readonly flight: Flight } | null = null;

  function closed({ flight }: { readonly flight: Flight }): void {
    const { answer, granted, run } = flight;
    if (run.alive && answer === null) {
      violated('the intent is closed before its exchange has ended');
      return;
    }
    if (!run.alive || granted === null || answer?.kind !== 'http' || answer.status !== 200) return;
    exercised();
    if (!answer.complete) return;
    if (site.storedMedia().current?.fingerprint !== granted.secret)
      violated('the intent is closed before the new secret is saved', { secret: short(granted.secret) });
    if (site.survivingMedia().session?.fingerprint !== granted.token)
      violated('the intent is closed before the session is saved', { token: short(granted.token) });
  }

  return {
    sends(flight) {
      const intent = site.survivingMedia().record?.intent ?? null;
      exercised();
      if (intent === null || intent.fingerprint !== flight.secret)
        violated('a request leaves without a durable intent', { secret: short(flight.secret) });
      open = intent === null ? null : { id: intent.id, flight };
    },
    wrote(step) {
      if (open === null || step !== 'sync-folder') return;
      const intent = site.survivingMedia().record?.intent ?? null;
      if (intent?.id === open.id) return;
      closed(open);
      open = null;
    },
    died() {
      open = null;
    },
    restored() {
      open = null;
    },
  };
}
