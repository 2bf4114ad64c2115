import type { Mishap } from '../../fakes/fake-server.ts';
import type { FaultKind } from '../fault-kinds.ts';
import type { Fault } from '../fault.ts';
import type { Host, Weather } from '../host.ts';
import { askForRefresh } from '../person.ts';

/** What the way to the server does to exchanges, and what the server itself does. */

const minute = 60_000;
const hour = 60 * minute;

/** For a while, on this host; or on all hosts, where the cause is the server. */
function weather(
  where: 'host' | 'everywhere',
  mishaps: Weather['mishaps'],
  { longestMs = 2 * hour, late = false }: { longestMs?: number; late?: boolean } = {},
): Fault {
  return (host, world) => {
    const { random } = host;
    const share = world.story.outageAlone ? 1 : random.pick([1, 1, 0.7, 0.4]);
    const hosts = where === 'everywhere' || world.story.outageAlone ? world.hosts : [host];
    const forMs =
      20_000 + random.below(random.pick([2 * minute, 2 * minute, 10 * minute, 10 * minute, longestMs]));
    const now: Weather = { share, mishaps, late };
    for (const each of hosts) each.weather = now;
    host.note('weather', { mishaps, share, forMs });
    world.truth.after(forMs, () => {
      for (const each of hosts) if (each.weather === now) each.weather = null;
    });
    // A life of a token is longer than most weathers: somebody asks while they last.
    if (!world.story.outageAlone && random.below(3) > 0) for (const site of host.sites) askForRefresh(site);
    return true;
  };
}

const anyMishap: readonly [Mishap, ...Mishap[]] = [
  'none',
  'unreachable',
  'lost-request',
  'stalled-request',
  'bad-gateway',
  'server-error',
  'unavailable',
  'rate-limited',
  'firewall',
  'login-page',
  'not-found',
  'redirect',
  'lost-answer',
  'stalled-answer',
  'gateway-timeout',
  'truncated',
];

function revoke(host: Host): boolean {
  const { world, random } = host;
  const site = host.sites[random.below(host.sites.length)];
  if (site === undefined || world.server.registry.revoke(site.serverName) === null) return false;
  world.trace.add('server', 'revokes', { agent: site.serverName });
  return true;
}

export const weathers = {
  'lost-requests': weather('host', ['lost-request', 'stalled-request']),
  'lost-answers': weather('host', ['lost-answer', 'stalled-answer', 'gateway-timeout']),
  'late-answers': weather('host', ['none'], { late: true, longestMs: 4 * hour }),
  'cut-answers': weather('host', ['truncated']),
  'no-way-to-server': weather('host', ['unreachable']),
  'server-errors': weather('everywhere', ['server-error', 'unavailable', 'bad-gateway'], {
    longestMs: 30 * minute,
  }),
  'rate-limit': weather('everywhere', ['rate-limited'], { longestMs: hour }),
  'bad-gateway-for-hours': weather('everywhere', ['bad-gateway'], { longestMs: 8 * hour }),
  'firewall-pages': weather('host', ['firewall', 'login-page', 'redirect', 'not-found'], {
    longestMs: 4 * hour,
  }),
  'mixed-weather': weather('host', anyMishap, { longestMs: 6 * hour }),
  revocation: revoke,
} as const satisfies Partial<Record<FaultKind, Fault>>;
