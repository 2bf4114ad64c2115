import { remainingMs, type Token } from '../../../src/domain/token.ts';
import { short } from '../trace.ts';
import type { Observer, RunView, SiteView, Verdicts } from '../views.ts';

/**
 * What a process has published it serves until a newer one is there, to the last second of its life, unless it was taken back:
 * whatever becomes of the secret, of the store and of the way to the server.
 */
export function watchServedToItsEnd(site: SiteView, { exercised, violated }: Verdicts): Observer {
  let newest: { readonly run: RunView; readonly token: Token } | null = null;
  return {
    publishes(run, token) {
      newest = { run, token };
    },
    withdraws(run, sequence) {
      if (newest?.run === run && newest.token.sequence === sequence) newest = null;
    },
    stepped(run) {
      if (newest === null || newest.run !== run) return;
      const { token } = newest;
      // Another process has the agent, and may take it back.
      if (run.broker.heldElsewhere !== null) newest = null;
      if (newest === null || run.broker.token() !== null) return;
      exercised();
      newest = null;
      if (remainingMs(token, site.host.clock.now()) === 0) return;
      const { secret } = run.status;
      violated('a token is not served to its end', {
        token: short(token.fingerprint),
        secret: secret.status,
      });
    },
    died(run) {
      if (newest?.run === run) newest = null;
    },
  };
}
