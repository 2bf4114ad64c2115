import type { ErrorCode } from '../../../src/domain/errors.ts';
import type { Observer, RunView, SiteView, Verdicts } from '../views.ts';

const codes: readonly ErrorCode[] = ['TOKEN_REVOKED', 'SECRET_REVOKED'];

/** As long as the newest token is dead, people are told. A process that begins with a dead one takes it back once more. */
export function watchRevocationAlerts(_site: SiteView, { exercised, violated }: Verdicts): Observer {
  let dying: RunView | null = null;
  return {
    withdraws(run) {
      dying = run;
    },
    publishes() {
      dying = null;
    },
    stepped(run) {
      if (dying !== run || run.status.token.status !== 'rejected' || !run.holds) return;
      exercised();
      const { alerts } = run.status;
      if (!alerts.some(({ code }) => codes.includes(code)))
        violated('nobody is told that the token is dead', { alerts: alerts.map(({ code }) => code) });
    },
  };
}
