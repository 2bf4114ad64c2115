import type { Fingerprint } from '../../../src/domain/secret.ts';
import { short } from '../trace.ts';
import type { Observer, RunView, SiteView, Verdicts } from '../views.ts';

/**
 * Where tokens can be revoked, a process serves and publishes only what the server has given to itself, or has judged since
 * it began: let in, or known and kept out by a permission. One that was rejected twice is served only as the newest of several
 * in a row, where no other would help.
 */
export function watchProvedFirst(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (!site.settings.tokensRevocable) return {};
  const proved = new WeakMap<RunView, Set<Fingerprint>>();
  const doubted = new WeakMap<RunView, Set<Fingerprint>>();

  function among(known: typeof proved, run: RunView): Set<Fingerprint> {
    const found = known.get(run) ?? new Set();
    known.set(run, found);
    return found;
  }

  function check(run: RunView, how: string, token = run.broker.token()): void {
    if (token === null) {
      if (run.status.token.status === 'none' && run.status.token.fingerprint !== null) exercised();
      return;
    }
    if (!among(proved, run).has(token.fingerprint))
      violated(`a token of an earlier life is ${how} unproved`, { token: short(token.fingerprint) });
  }

  return {
    answered({ run, granted }) {
      if (granted !== null) among(proved, run).add(granted.token);
    },
    looked(run, token, verdict) {
      if (verdict.kind === 'unknown') return;
      const isFirstNo = verdict.kind === 'rejected' && !among(doubted, run).has(token);
      among(isFirstNo ? doubted : proved, run).add(token);
    },
    publishes: (run, token) => check(run, 'published', token),
    stepped: (run) => check(run, 'served'),
  };
}
