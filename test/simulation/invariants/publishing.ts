import type { Fingerprint } from '../../../src/domain/secret.ts';
import { secretsOn } from '../media.ts';
import { short } from '../trace.ts';
import type { Observer, SiteView, Verdicts } from '../views.ts';

/** A token goes out when its secret is in the store and itself is on the disk; else the status says `memory_only`. */
export function watchPublishing(site: SiteView, { exercised, violated }: Verdicts): Observer {
  const published = new Set<Fingerprint>();
  return {
    publishes(run, token) {
      if (site.settings.store === 'memory') return;
      if (run.status.secret.status === 'memory_only') {
        published.add(token.fingerprint);
        return;
      }
      const fields = { token: short(token.fingerprint), sequence: token.sequence };
      const surviving = site.survivingMedia();
      if (surviving.session?.fingerprint !== token.fingerprint)
        violated('a token is published that is not durable', fields);
      if (published.has(token.fingerprint)) return;
      published.add(token.fingerprint);
      exercised();
      const secret = site.host.world.grantOf(token.fingerprint)?.secret;
      if (secret === undefined) {
        violated('a token is published that the server never gave', fields);
        return;
      }
      // A start may find the token whose answer is not in the store yet: then the answer itself is on the disk.
      const received = run.flight?.granted?.token === token.fingerprint;
      const stored = !received || site.storedMedia().current?.fingerprint === secret;
      // Where the disk did not take the answer, the word of a keychain is all there is.
      const survives = secretsOn(surviving).has(secret) || site.host.trouble !== null;
      if (!stored || !survives)
        violated('a token is published before its secret is durable', { ...fields, secret: short(secret) });
    },
    restored() {
      for (const media of [site.media()])
        if (media.session !== null) published.add(media.session.fingerprint);
    },
  };
}
