import type { Daemon } from '../daemon.ts';
import type { FaultKind } from '../fault-kinds.ts';
import type { Fault } from '../fault.ts';
import type { Host } from '../host.ts';
import { askForRefresh } from '../person.ts';

/** A process ends, or the whole host loses power: at any time, while an exchange is out, or in the middle of a step. */

const second = 1_000;
const minute = 60 * second;

/** What starts daemons starts this one again, unless somebody else did. */
export function restartLater(host: Host, longestMs = 2 * minute): void {
  host.world.truth.after(host.random.below(longestMs), () => {
    if (host.daemons.length === 0 && !host.clock.asleep) host.start();
    else if (host.daemons.length === 0) restartLater(host);
  });
}

function kill(host: Host): boolean {
  const [daemon] = host.daemons;
  if (daemon === undefined) return false;
  host.kill(daemon);
  restartLater(host);
  return true;
}

function cutPower(host: Host): boolean {
  host.powerCut();
  restartLater(host);
  return true;
}

/** In the time in which an answer can be on its way, in the server, or being saved. */
function whileInFlight(host: Host, deed: (host: Host) => unknown): boolean {
  host.onSend = () => {
    const longestMs = host.random.pick([5, 400, 400, 20 * second]);
    host.world.truth.after(host.random.below(longestMs), () => deed(host));
  };
  return host.sites.map((site) => askForRefresh(site)).includes(true);
}

/** Right after any change of the disk or the keychain that follows from a refresh. */
function inAStep(host: Host, how: 'kill' | 'power-cut'): boolean {
  const [daemon] = host.daemons;
  if (daemon === undefined || host.clock.asleep) return false;
  daemon.life.endAfter(1 + host.random.below(70));
  host.onDeath = (dead) => {
    if (how === 'power-cut') host.powerCut();
    else host.kill(dead);
    restartLater(host);
  };
  return host.sites.map((site) => askForRefresh(site)).includes(true);
}

function crashLoop(host: Host, times: number): boolean {
  if (host.clock.asleep || times === 0) {
    restartLater(host);
    return false;
  }
  host.killAll();
  const daemon = host.start();
  if (host.random.below(2) === 0) daemon.life.endAfter(1 + host.random.below(40));
  for (const site of host.sites) askForRefresh(site);
  host.world.truth.after(host.random.below(20 * second), () => crashLoop(host, times - 1));
  return true;
}

async function stopped(host: Host, daemon: Daemon): Promise<void> {
  await daemon.stop(25 * second);
  host.ended(daemon);
  restartLater(host);
}

function stop(host: Host): boolean {
  const [daemon] = host.daemons;
  if (daemon === undefined || host.clock.asleep) return false;
  host.note('is told to stop', { pid: daemon.pid });
  void stopped(host, daemon);
  return true;
}

export const crashes = {
  kill,
  'kill-in-flight': (host) => whileInFlight(host, kill),
  'kill-in-a-step': (host) => inAStep(host, 'kill'),
  'power-cut': cutPower,
  'power-cut-in-flight': (host) => whileInFlight(host, cutPower),
  'power-cut-in-a-step': (host) => inAStep(host, 'power-cut'),
  'crash-loop': (host) => crashLoop(host, 3 + host.random.below(12)),
  stop,
  'stop-in-flight': (host) => whileInFlight(host, stop),
} as const satisfies Partial<Record<FaultKind, Fault>>;
