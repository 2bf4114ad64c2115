import type { Flight, Observer, SiteView, Verdicts } from '../views.ts';

/** From the request to its answer, the process that sent it holds both locks, as long as it lives. */
export function watchLocks(site: SiteView, { exercised, violated }: Verdicts): Observer {
  let underWay: Flight | null = null;

  function check(when: string): void {
    if (underWay === null || !underWay.run.alive) return;
    const { host, lockPaths } = site;
    // Somebody took the file away after the process had last looked; it cannot know.
    if (host.lockRemovedAt > underWay.verifiedAt) return;
    for (const path of lockPaths) {
      const holder = host.locks.holderOf(path);
      if (holder !== underWay.run.daemon.pid)
        violated(`an exchange is under way without the lock, ${when}`, { path, holder });
    }
  }

  return {
    sends(flight) {
      if (underWay !== null && underWay.run !== flight.run && underWay.run.alive && underWay.answer === null)
        violated('two processes exchange at once');
      underWay = flight;
      exercised();
      check('as it is sent');
    },
    decided() {
      check('as it arrives');
    },
    answered() {
      check('as its answer comes');
      underWay = null;
    },
    stepped() {
      check('while it is out');
    },
    died(run) {
      if (underWay?.run === run) underWay = null;
    },
  };
}
