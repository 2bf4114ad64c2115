import type { Observer, SiteView, Verdicts } from '../views.ts';

/** Nobody looks into a fresh answer before it is on the disk, unless the disk does not take it. */
export function watchRawFirst(site: SiteView, { exercised, violated }: Verdicts): Observer {
  return {
    interprets(run, answer) {
      if (site.settings.store === 'memory' || answer.kind !== 'http' || answer !== run.flight?.answer) return;
      const { host } = site;
      if (host.trouble !== null && host.trouble.kind !== 'slow') return;
      exercised();
      const kept = site
        .survivingMedia()
        .raws.some(
          (raw) =>
            raw.attempt.fingerprint === run.flight?.secret &&
            raw.answer.kind === 'http' &&
            Buffer.from(raw.answer.body).equals(answer.body),
        );
      if (!kept) violated('an answer is looked into before it is durable');
    },
  };
}
