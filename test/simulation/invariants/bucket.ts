import type { Observer, SiteView, Verdicts } from '../views.ts';

/** A bucket of our own beside the agent's: what it holds can never be less than nothing. */
export function watchBucket(site: SiteView, { exercised, violated }: Verdicts): Observer {
  const perMinute = site.settings.maxExchangesPerMinute;
  const { host } = site;
  let level = perMinute;
  let [atMs, boots, wallOffMs] = [0, 1, 0];

  function refill(): void {
    level = perMinute;
  }

  function fill(): void {
    const nowMs = host.world.nowMs();
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
      // The intent is stamped a moment before the request leaves.
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
