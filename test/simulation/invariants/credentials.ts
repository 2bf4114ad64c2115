import type { Fingerprint } from '../../../src/domain/secret.ts';
import { secretsOn } from '../media.ts';
import { short } from '../trace.ts';
import type { Observer, SiteView, Verdicts } from '../views.ts';

/** Only a grant or a hand-over makes a credential superfluous; no other answer takes one away. */
export function watchCredentials(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (site.settings.store === 'memory') return {};
  let known = new Set<Fingerprint>();
  let mayVanish = true;

  function look(): void {
    const found = secretsOn(site.media());
    if (!mayVanish) {
      for (const secret of known) {
        if (!found.has(secret))
          violated('a credential is gone, and no grant or hand-over is the reason', {
            secret: short(secret),
          });
      }
    }
    known = new Set(found.keys());
  }

  return {
    sends() {
      // What the last grant made superfluous is gone by now.
      look();
      mayVanish = false;
    },
    decided({ decision }) {
      if (decision === 'granted') mayVanish = true;
    },
    answered({ decision }) {
      if (decision !== 'granted') exercised();
    },
    wrote(step) {
      // After a grant all may change; what it left is looked at when the next exchange is sent.
      if (step !== 'sync-folder' && !mayVanish) look();
    },
    handsOver() {
      mayVanish = true;
    },
    died() {
      // A rename or a removal of an earlier time may come back, or be lost.
      mayVanish = true;
    },
    restored() {
      mayVanish = true;
    },
  };
}
