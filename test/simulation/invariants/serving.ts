import type { Token } from '../../../src/domain/token.ts';
import { short } from '../trace.ts';
import type { Observer, RunView, SiteView, Verdicts } from '../views.ts';

/** What is handed out is a token of this agent that still lives and that nobody is known to reject. */
export function watchServing(site: SiteView, { exercised, violated }: Verdicts): Observer {
  let dead: Token | null = null;

  function check(run: RunView): void {
    const { broker } = run;
    const served = broker.token();
    if (served === null) {
      const { status } = run.status.token;
      if (status === 'expired' || status === 'rejected') exercised();
      return;
    }
    if (served === dead) return;
    const { world, clock } = site.host;
    const fields = { token: short(served.fingerprint), sequence: served.sequence };
    if (world.rejected.has(served.fingerprint)) violated('a rejected token is served', fields);
    const grant = world.grantOf(served.fingerprint);
    if (grant === undefined) {
      violated('a token is served that the server never gave', fields);
      return;
    }
    // Over a reboot only the wall clock is left to tell how long the host was off, and somebody may have set it back.
    const setBackMs = grant.boot === clock.now().bootId ? 0 : Math.max(0, grant.wallOffMs - clock.wallOffMs);
    const overMs = world.nowMs() - grant.sentAtMs - grant.ttlMs - setBackMs;
    if (overMs > 0) violated('an expired token is served', { ...fields, overMs });
    dead = overMs > 0 ? served : null;
  }

  return {
    stepped(run) {
      check(run);
    },
  };
}
