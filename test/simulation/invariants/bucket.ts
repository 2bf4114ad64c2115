import { elapsedMs } from '../../../src/domain/stamp.ts';
import type { Observer, SiteView, Verdicts } from '../views.ts';

/** Five steps of a disk that takes up to 3 s for each, ms. */
const longestSaveMs = 15_000;

/** A bucket of our own beside the agent's: what it holds can never be less than nothing. */
export function watchBucket(site: SiteView, { exercised, violated }: Verdicts): Observer {
  const perMinute = site.settings.maxExchangesPerMinute;
  const { host } = site;
  let level = perMinute;
  let [atMs, boots, wallOffMs] = [0, 1, 0];

  /** The bucket is drawn from when the intent is stamped, and a slow disk takes its time to save it. */
  function drawnAtMs(): number {
    const intent = site.survivingMedia().record?.intent ?? null;
    const savingMs = intent === null ? 0 : elapsedMs(intent.sentAt, host.clock.now());
    return Math.max(atMs, host.world.nowMs() - Math.min(savingMs, longestSaveMs));
  }

  function refill(): void {
    level = perMinute;
  }

  function fill(): void {
    const nowMs = drawnAtMs();
    level = Math.min(perMinute, level + ((nowMs - atMs) * perMinute) / 60_000);
    // Over a reboot the agent has only the wall clock to tell how long the host was off.
    if (host.clock.boots !== boots && host.clock.wallOffMs > wallOffMs) refill();
    [atMs, boots, wallOffMs] = [nowMs, host.clock.boots, host.clock.wallOffMs];
  }

  return {
    sends() {
      fill();
      level -= 1;
      if (level < 1) exercised();
      // Of an intent that is in memory only nobody else knows the stamp, a moment before the request leaves.
      if (level < -0.05) violated('more exchanges than the bucket holds', { level, perMinute });
      level = Math.max(0, level);
    },
    handsOver: refill,
    stored: refill,
    restored: refill,
    died() {
      if (site.settings.store === 'memory') refill();
    },
  };
}
