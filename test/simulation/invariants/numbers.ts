import type { Fingerprint } from '../../../src/domain/secret.ts';
import type { Observer, SiteView, Verdicts } from '../views.ts';

/** Generations and sequences only grow, in the status and on the disk, and each token has a sequence of its own. */
export function watchNumbers(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (site.settings.store === 'memory') return {};
  let newest = { generation: 0, sequence: 0 };
  const bySequence = new Map<number, Fingerprint>();

  function grow(where: string, generation: number, sequence: number): void {
    if (generation < newest.generation || sequence < newest.sequence)
      violated(`numbers go back in the ${where}`, { newest, generation, sequence });
    newest = {
      generation: Math.max(newest.generation, generation),
      sequence: Math.max(newest.sequence, sequence),
    };
  }

  return {
    publishes(run, token) {
      // A token that is in memory only is forgotten with its process, and its number with it.
      if (run.status.secret.status === 'memory_only') return;
      exercised();
      const other = bySequence.get(token.sequence);
      if (other !== undefined && other !== token.fingerprint)
        violated('two tokens have one sequence', { sequence: token.sequence });
      bySequence.set(token.sequence, token.fingerprint);
    },
    wrote(step) {
      if (step !== 'sync-folder') return;
      const { record } = site.survivingMedia();
      if (record !== null) grow('journal', record.generation, record.sequence);
    },
    restored() {
      newest = { generation: 0, sequence: 0 };
      bySequence.clear();
    },
  };
}
