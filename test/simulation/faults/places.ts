import type { KeychainCondition } from '../../fakes/memory-keychain.ts';
import type { FaultKind } from '../fault-kinds.ts';
import type { Fault } from '../fault.ts';
import type { DiskTrouble } from '../host-disk.ts';
import type { Host } from '../host.ts';
import { askForRefresh } from '../person.ts';

/** What the places do where things are kept, and the clocks. */

const minute = 60_000;
const hour = 60 * minute;

/** Sometimes something is asked for at the very time. */
function meanwhile(host: Host): void {
  if (host.random.below(2) === 0) for (const site of host.sites) askForRefresh(site);
}

/** It begins at once, or right after a request has left. */
function disk(trouble: (host: Host) => DiskTrouble, longestMs = 2 * hour): Fault {
  return (host) => {
    const now = trouble(host);
    const forMs =
      minute / 2 +
      host.random.below(host.random.pick([minute, 2 * minute, 2 * minute, 10 * minute, longestMs]));
    const begin = () => {
      host.note('disk', now);
      host.setTrouble(now);
      host.world.truth.after(forMs, () => {
        if (host.trouble === now) host.setTrouble(null);
      });
    };
    if (host.random.below(3) > 0) begin();
    else host.onSend = () => host.world.truth.after(host.random.below(400), begin);
    meanwhile(host);
    return true;
  };
}

function keychain(condition: KeychainCondition): Fault {
  return (host) => {
    if (host.keychain === null) return false;
    const forMs =
      minute / 2 +
      host.random.below(host.random.pick([minute, 2 * minute, 2 * minute, 10 * minute, 2 * hour]));
    const begin = () => {
      host.note('keychain', { condition });
      host.setKeychain(condition);
      host.world.truth.after(forMs, () => {
        if (host.keychain?.condition === condition) host.setKeychain('answering');
      });
    };
    if (host.random.below(3) > 0) begin();
    else host.onSend = () => host.world.truth.after(host.random.below(400), begin);
    meanwhile(host);
    return true;
  };
}

/** Somebody sets the wall clock wrong, and perhaps right again. */
function jump(byMs: number): Fault {
  return (host) => {
    host.note('wall clock', { byMs });
    host.clock.setWall(byMs);
    if (host.random.below(3) > 0)
      host.world.truth.after(host.random.below(6 * hour), () => host.clock.setWall(0));
    return true;
  };
}

function suspend(host: Host): boolean {
  if (host.clock.asleep) return false;
  host.note('sleeps');
  host.clock.sleep();
  host.world.truth.after(5 * minute + host.random.below(8 * hour), () => {
    if (!host.clock.asleep) return;
    host.note('wakes up');
    host.clock.wake();
  });
  return true;
}

export const places = {
  'disk-full': disk(() => ({ kind: 'full' })),
  'disk-nearly-full': disk((host) => ({ kind: 'nearly-full', roomBytes: 512 + host.random.below(60_000) })),
  'disk-read-only': disk(() => ({ kind: 'read-only' })),
  'disk-errors': disk(() => ({ kind: 'failing' })),
  'disk-slow': disk((host) => ({ kind: 'slow', longestMs: host.random.pick([50, 500, 3_000]) }), 6 * hour),
  'keychain-locked': keychain('locked'),
  'keychain-hung': keychain('hung'),
  'keychain-silent': keychain('silent'),
  'keychain-away': keychain('unreachable'),
  'clock-forward': jump(hour),
  'clock-back': jump(-hour),
  suspend,
  'suspend-in-flight': (host) => {
    host.onSend = () => host.world.truth.after(host.random.below(400), () => suspend(host));
    return host.sites.map((site) => askForRefresh(site)).includes(true);
  },
} as const satisfies Partial<Record<FaultKind, Fault>>;
