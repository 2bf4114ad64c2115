import type { AgentStatus } from '../../src/domain/status.ts';
import { lastRevocation } from './last-revocation.ts';
import { secretsOn } from './media.ts';
import { enroll, waitingForPerson } from './person.ts';
import type { Site } from './site.ts';
import { count } from './tally.ts';
import { short } from './trace.ts';
import type { World } from './world.ts';

/** The end of a story: all troubles are over, and it must show what every agent comes to, first alone and then with help. */

const minute = 60_000;
/** All paces and pauses of the engine are over by then. */
const longestWayBackMs = 120 * minute;
/** After an outage alone it must be much sooner: the pauses of the backoff, and a `Retry-After`. */
const wayBackAfterOutageMs = 20 * minute;

/** A person who hands over a secret cannot mend these. */
const beyondHandOver: ReadonlySet<string> = new Set(['STATE_UNREADABLE', 'STORE_MISMATCH']);

export async function finale(world: World): Promise<void> {
  const { truth, story, tally } = world;
  world.trace.add('story', 'all troubles end');
  calm(world);
  const before = world.sites.map((site) => statusOf(site)?.state);
  await untilActive(world, story.outageAlone ? wayBackAfterOutageMs : longestWayBackMs);
  for (const [index, site] of world.sites.entries()) {
    if (before[index] !== 'active') world.verdicts('leads-back-to-active', site).exercised();
    world.verdicts('no-failure-of-our-own', site).exercised();
    judge(site);
    count(tally.ends, statusOf(site)?.state ?? 'nobody');
  }
  const inNeed = world.sites.filter((site) => needsSecret(site));
  for (const site of inNeed) enroll(site);
  await truth.elapse(10 * minute);
  for (const site of inNeed) {
    const { exercised, violated } = world.verdicts('fresh-secret-leads-back', site);
    exercised();
    const status = statusOf(site);
    if (status?.state !== 'active') violated('a fresh secret does not lead back', worded(status));
  }
  if (story.revocations && world.violations.length === 0) await lastRevocation(world);
}

/** No trouble lasts, and exactly one daemon runs on each host. */
function calm(world: World): void {
  world.calm = true;
  world.denial = null;
  for (const host of world.hosts) {
    [host.weather, host.probeTrouble] = [null, null];
    [host.onSend, host.onDeath] = [null, null];
    host.setTrouble(null);
    host.setKeychain('answering');
    host.clock.setWall(0);
    if (host.clock.asleep) host.clock.wake();
    const own = host.daemons.find(({ runs }) => runs[0]?.site === host.sites[0]);
    for (const daemon of host.daemons.filter((each) => each !== own)) host.kill(daemon);
    own?.life.endAfter(Number.POSITIVE_INFINITY);
    if (own === undefined) host.start();
  }
}

async function untilActive(world: World, longestMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < longestMs; passedMs += 5 * minute) {
    await world.truth.elapse(5 * minute);
    if (world.violations.length > 0) return;
    if (world.sites.every((site) => statusOf(site)?.state === 'active')) return;
  }
}

function statusOf(site: Site): AgentStatus | null {
  return site.host.runOf(site)?.broker.status() ?? null;
}

/** Active, or without any secret that could help, or waiting for a decision that only a person can make; and says so. */
function judge(site: Site): void {
  const { world } = site.host;
  const status = statusOf(site);
  const { violated } = world.verdicts('leads-back-to-active', site);
  if (world.story.outageAlone) {
    const outage = world.verdicts('outage-needs-no-person', site);
    outage.exercised();
    if (status?.state !== 'active') outage.violated('an agent is not back after an outage', worded(status));
  }
  if (status === null) return violated('nobody is at work on the agent');
  if (status.state === 'active' || status.state === 'blocked') return;
  const honoured = honouredSecret(site);
  if (honoured !== null)
    violated('the server honours a secret that is here', { ...worded(status), honoured });
  else if (!waitingForPerson.has(status.state))
    violated('an agent without a secret that could help does not say so', worded(status));
}

/** A secret on the media that the server would take now; one that it refused once is not tried again, and need not be. */
function honouredSecret(site: Site): string | null {
  const { registry } = site.host.world.server;
  const media = site.media();
  const settled = media.record?.candidate?.settled === true ? media.record.candidate.fingerprint : null;
  for (const { text, fingerprint } of secretsOn(media).values()) {
    if (registry.honours(text.reveal()) && fingerprint !== settled) return short(fingerprint);
  }
  return null;
}

function needsSecret(site: Site): boolean {
  const status = statusOf(site);
  if (status === null || status.state === 'active') return false;
  return !status.alerts.some(({ code }) => beyondHandOver.has(code));
}

function worded(status: AgentStatus | null): Readonly<Record<string, unknown>> {
  if (status === null) return {};
  const { state, secret, token, alerts } = status;
  return { state, secret: secret.status, token: token.status, alerts: alerts.map(({ code }) => code) };
}
