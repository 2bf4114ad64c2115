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
  let grantedMs = 0;
  let [boots, wallOffMs] = [1, 0];
  let isFree = false;

  function forget(): void {
    [looks, isFree] = [0, false];
  }

  function isDue(nowMs: number): boolean {
    return settings.exchange && nowMs - grantedMs >= ttlMs * (refresh.at - refresh.jitter) - minute;
  }

  return {
    says(_run, event) {
      if (event !== 'token-replaced' && event !== 'rejection-not-confirmed') return;
      const nowMs = host.world.nowMs();
      const gapMs = nowMs - lastMs;
      const clockJumped = host.clock.boots !== boots && host.clock.wallOffMs !== wallOffMs;
      const storyMs = Math.max(10 * minute, 2 * pauseMs(looks), 2 * (settings.probeEveryMs ?? 0));
      if (looks === 0 || clockJumped || isFree || isDue(nowMs) || gapMs > storyMs) looks = 0;
      else {
        exercised();
        if (gapMs < pauseMs(looks) - 1_000)
          violated('tokens are looked at, or replaced, too often', { looks, gapMs });
      }
      [looks, lastMs, isFree] = [looks + 1, nowMs, false];
      [boots, wallOffMs] = [host.clock.boots, host.clock.wallOffMs];
    },
    answered({ granted }) {
      if (granted !== null) grantedMs = host.world.nowMs();
    },
    asks() {
      isFree = true;
    },
    reports(_run, _token, certain) {
      if (certain) isFree = true;
    },
    handsOver: forget,
    stored: forget,
    restored: forget,
    marked: forget,
    died() {
      // What only the process knew is forgotten; so is a pause that was not written down yet.
      isFree = true;
    },
  };
}
