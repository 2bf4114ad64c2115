import type { Fingerprint } from '../../../src/domain/secret.ts';
import { fingerprintOf } from '../../../src/platform/fingerprint.ts';
import { short } from '../trace.ts';
import type { Observer, SiteView, Verdicts } from '../views.ts';

/** What was found in the file, and judged by the server, is not sent again because it is still there. */
export function watchFileOnce(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (site.settings.store === 'memory') return {};
  const judged = new Set<Fingerprint>();
  const byHand = new Set<Fingerprint>();
  let inFile: { readonly text: string; readonly fingerprint: Fingerprint } | null = null;

  function fingerprintInFile(): Fingerprint | null {
    const text = site.secretFile;
    if (text === null) return null;
    if (inFile?.text !== text) inFile = { text, fingerprint: fingerprintOf(text) };
    return inFile.fingerprint;
  }

  return {
    wrote(step) {
      if (step !== 'sync-folder' || site.secretFile === null) return;
      const candidate = site.survivingMedia().record?.candidate ?? null;
      if (candidate?.settled === true && candidate.fingerprint === fingerprintInFile())
        judged.add(candidate.fingerprint);
    },
    sends({ secret }) {
      if (!judged.has(secret) || byHand.has(secret)) return;
      exercised();
      if (site.survivingMedia().record?.intent?.slot === 'candidate')
        violated('the secret in the file is sent again', { secret: short(secret) });
    },
    gives(secret) {
      byHand.add(secret);
    },
    restored: () => judged.clear(),
  };
}
