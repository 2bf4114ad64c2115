import { earliestRefresh } from '../../../src/domain/schedule.ts';
import type { Fingerprint } from '../../../src/domain/secret.ts';
import type { Token } from '../../../src/domain/token.ts';
import type { Observer, SiteView, Verdicts } from '../views.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The pause after so many looks in a row, ms. */
function pauseMs(looks: number): number {
  return Math.min(hour, minute * 2 ** (looks - 1));
}

/**
 * Looks that brought another token for one that somebody was refused with, or found nothing wrong with it, are 1 minute apart,
 * then 2, up to an hour. A person who wants a token now, or knows for certain, does not wait; nor does a token that is due.
 */
export function watchRejectionPace(site: SiteView, { exercised, violated }: Verdicts): Observer {
  const { host, settings } = site;
  const { refresh, ttlMs } = settings;
  let looks = 0;
  let lastMs = 0;
  /** When the last token was granted, and the one before it. */
  let granted: readonly [lastMs: number, beforeMs: number] = [0, 0];
  /** It came by schedule as long as nobody says that it took the place of a rejected one. */
  let bySchedule = false;
  let served: Token | null = null;
  let handedOver: Fingerprint | null = null;
  let [boots, wallOffMs] = [1, 0];
  let isFree = false;

  function forget(): void {
    [looks, isFree] = [0, false];
  }

  /** With the new token an old story ends. */
  function isNewStory(event: string, gapMs: number): boolean {
    if (
      looks === 0 ||
      isFree ||
      gapMs > Math.max(10 * minute, 2 * pauseMs(looks), 2 * (settings.probeEveryMs ?? 0))
    )
      return true;
    if (host.clock.boots !== boots && host.clock.wallOffMs !== wallOffMs) return true;
    const [lastGrantMs, beforeMs] = granted;
    const earliestMs = ttlMs * earliestRefresh(served ?? {}, refresh);
    return event === 'token-replaced' && lastGrantMs - beforeMs >= earliestMs - minute;
  }

  return {
    says(_run, event) {
      if (event !== 'token-replaced' && event !== 'rejection-not-confirmed') return;
      if (event === 'token-replaced') bySchedule = false;
      const nowMs = host.world.nowMs();
      const gapMs = nowMs - lastMs;
      if (isNewStory(event, gapMs)) looks = 0;
      else {
        exercised();
        if (gapMs < pauseMs(looks) - 1_000)
          violated('tokens are looked at, or replaced, too often', { looks, gapMs });
      }
      // With a secret that was handed over everything begins anew.
      const isFresh = event === 'token-replaced' && site.flights.at(-1)?.secret === handedOver;
      [looks, lastMs, isFree] = [isFresh ? 0 : looks + 1, nowMs, false];
      [boots, wallOffMs] = [host.clock.boots, host.clock.wallOffMs];
    },
    answered({ answer, granted: given }) {
      // A page of somebody else may say 200, too.
      if (given === null || answer?.kind !== 'http' || answer.status !== 200 || !answer.complete) {
        // What was tried in vain is tried again after pauses of its own.
        isFree = true;
        return;
      }
      bySchedule = true;
      granted = [host.world.nowMs(), granted[0]];
    },
    publishes(_run, token) {
      served = token;
      if (bySchedule) forget();
      bySchedule = false;
    },
    asks() {
      isFree = true;
    },
    reports(_run, _token, certain) {
      if (certain) isFree = true;
    },
    handsOver(secret) {
      handedOver = secret;
      forget();
    },
    stored: forget,
    restored: forget,
    marked: forget,
    died() {
      // What only the process knew is forgotten; so is a pause that was not written down yet.
      isFree = true;
    },
  };
}
