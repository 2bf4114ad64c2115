import type { Fingerprint } from '../../../src/domain/secret.ts';
import { short } from '../trace.ts';
import type { Flight, Observer, RunView, SiteView, Verdicts } from '../views.ts';

/** What one process was told and saw of one token. */
interface Evidence {
  certain: boolean;
  reports: number;
  /** Probes that were rejected. */
  noes: number;
}

/**
 * A token is taken back because somebody knows it for certain; because a probe was rejected, and a report or a probe before it
 * said the same; because the secret is refused that is the token; or, where tokens can be revoked, because the secret is
 * refused after a report. No report, and no probe, does so alone, and of a secret that rotates no refusal ever does.
 */
export function watchBurials(site: SiteView, { exercised, violated }: Verdicts): Observer {
  const { exchange, tokensRevocable } = site.settings;
  let seen = new Map<Fingerprint, Evidence>();
  /** Numbers of tokens that the disk says are dead: whoever begins there takes them back once more. */
  const known = new Set<number>();
  let refused: Flight | null = null;

  function of(token: Fingerprint): Evidence {
    const evidence = seen.get(token) ?? { certain: false, reports: 0, noes: 0 };
    seen.set(token, evidence);
    return evidence;
  }

  function learn(): void {
    const sequence = site.media().record?.rejectedSequence ?? null;
    if (sequence !== null) known.add(sequence);
  }

  function isFounded(run: RunView, token: Fingerprint): boolean {
    const { certain, reports, noes } = of(token);
    if (certain || (noes > 0 && reports + noes > 1)) return true;
    if (refused === null) return false;
    return exchange ? tokensRevocable && reports + noes > 0 && refused.run === run : refused.secret === token;
  }

  learn();
  return {
    reports: (_run, { fingerprint }, certain) => {
      const evidence = of(fingerprint);
      if (certain) evidence.certain = true;
      else evidence.reports += 1;
    },
    looked: (_run, token, { kind }) => {
      if (kind === 'rejected') of(token).noes += 1;
    },
    answered(flight) {
      if (flight.decision === 'granted') refused = null;
      else if (flight.decision === 'refused') refused = flight;
    },
    withdraws(run, sequence) {
      if (known.has(sequence)) return;
      known.add(sequence);
      exercised();
      const { fingerprint } = run.status.token;
      if (fingerprint === null || !isFounded(run, fingerprint))
        violated('a token is taken back without a look at it', { token: short(fingerprint), sequence });
    },
    died() {
      seen = new Map();
      learn();
    },
    marked: (sequence) => void known.add(sequence),
    restored() {
      known.clear();
      learn();
    },
  };
}
