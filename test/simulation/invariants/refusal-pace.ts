import type { Fingerprint } from '../../../src/domain/secret.ts';
import type { Observer, RunView, SiteView, Verdicts } from '../views.ts';

const paceMs = 5 * 60_000;

/**
 * Once a refusal is proven, tries are 5 minutes apart. It is proven when the status says so, and at the latest when one
 * process was refused twice: with the current secret and with the one before. A secret that was handed over is free.
 */
export function watchRefusalPace(site: SiteView, { exercised, violated }: Verdicts): Observer {
  const { host } = site;
  let handedOver: Fingerprint | null = null;
  let lastTryMs: number | null = null;
  let refusals = 0;
  let proven = false;
  let [boots, wallOffMs] = [1, 0];

  function forget(): void {
    [refusals, proven, lastTryMs] = [0, false, null];
  }

  return {
    stepped(run) {
      if (run.holds && run.status.secret.status !== 'unreachable') proven = isProven(run);
    },
    sends({ secret }) {
      if (secret === handedOver) return;
      const nowMs = host.world.nowMs();
      const clockJumped = host.clock.boots !== boots && host.clock.wallOffMs > wallOffMs;
      [boots, wallOffMs] = [host.clock.boots, host.clock.wallOffMs];
      if (lastTryMs !== null && !clockJumped && (proven || refusals > 1)) {
        exercised();
        const gapMs = nowMs - lastTryMs;
        if (gapMs < paceMs - 5_000) violated('a refused secret is tried again too soon', { gapMs });
      }
      lastTryMs = nowMs;
    },
    answered({ secret, decision, answer }) {
      if (secret === handedOver) return;
      if (decision === 'refused' && answer?.kind === 'http' && answer.complete && answer.status === 400)
        refusals += 1;
      else refusals = 0;
    },
    died() {
      refusals = 0;
      if (site.settings.store === 'memory') forget();
    },
    handsOver(secret) {
      handedOver = secret;
      forget();
    },
    restored() {
      forget();
      // with an older journal, a candidate that was judged is a new one again
      handedOver = site.media().candidate?.fingerprint ?? null;
    },
  };
}

function isProven(run: RunView): boolean {
  const { status } = run.status.secret;
  return status === 'refused' || status === 'lost';
}
