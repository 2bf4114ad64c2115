import type { Fingerprint } from '../../../src/domain/secret.ts';
import { secretsOn } from '../media.ts';
import { short } from '../trace.ts';
import type { Flight, Observer, SiteView, Verdicts } from '../views.ts';

/**
 * From the moment when the answer is on the disk, its secret must be found there whatever a power cut takes; so must a secret
 * that was handed over, once this was acknowledged. Before, it may be lost with its process only, and nothing else is sent.
 */
export function watchReceivedSecrets(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (site.settings.store === 'memory') return {};
  let received: Flight | null = null;
  let durable: Fingerprint | null = null;
  let candidate: Fingerprint | null = null;

  function check(when: string): void {
    if (durable === null && candidate === null && received === null) return;
    const surviving = secretsOn(site.survivingMedia());
    const fresh = received?.granted?.secret;
    if (fresh !== undefined && surviving.has(fresh)) [durable, received] = [fresh, null];
    if (durable !== null && !surviving.has(durable))
      violated(`a received secret does not survive ${when}`, { secret: short(durable) });
    if (candidate === null) return;
    if (!secretsOn(site.storedMedia()).has(candidate))
      violated(`a secret that was handed over does not survive ${when}`, { secret: short(candidate) });
  }

  return {
    answered(flight) {
      const { answer, granted } = flight;
      if (granted === null || answer?.kind !== 'http' || !answer.complete || answer.status !== 200) return;
      if (flight.secret === candidate) candidate = null;
      received = flight;
    },
    wrote(step) {
      // A name that is not synced changes nothing of what a power cut leaves for sure.
      if (step === 'sync-folder' || step === 'keychain') check('a power cut now');
    },
    sends(flight) {
      if (received !== null && received.run === flight.run)
        violated('another exchange was sent before the secret of the last one was saved');
    },
    handsOver() {
      candidate = null;
    },
    stored(secret) {
      candidate = secret;
      check('its acknowledgement');
    },
    died(_run, how) {
      // After a kill the answer may lie whole in its temporary file, where the next start finds it.
      if (how === 'power-cut') received = null;
      if (durable !== null || candidate !== null) exercised();
      // A keychain that took a write and lost it at the power cut is not ours to blame.
      if (how === 'power-cut' && site.host.keychain !== null) candidate = null;
      check(`the ${how}`);
    },
    restored() {
      [received, durable, candidate] = [null, null, null];
    },
  };
}
