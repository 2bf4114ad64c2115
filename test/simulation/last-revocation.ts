import { enroll } from './person.ts';
import { admits, reportRefusal } from './shippers.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** With all troubles over, everything that the product can revoke is revoked once more, and each agent must find back in time. */

const second = 1_000;
const minute = 60 * second;
/** The longest pause of tokens that are rejected right after one another. */
const longestPaceMs = 60 * minute;
/** A shipper that is refused says so; the bucket, where it holds one exchange a minute; the longest backoff of a probe. */
const onTopMs = 3 * minute;
const withNewSecretMs = 10 * minute;

export async function lastRevocation(world: World): Promise<void> {
  const { kind } = world.story.product;
  const sites = world.sites.filter((site) => labelOf(site) === 'active');
  if (kind === 'minting') {
    // A secret may have been revoked, and nobody has noticed yet.
    for (const site of sites) if (!holdsHonoured(site)) enroll(site);
    await world.truth.elapse(minute);
    world.server.revokeTokens();
    await until(world, sites, isServedWell, longestPaceMs + onTopMs, 'all tokens were revoked');
    if (world.violations.length > 0) return;
  }
  for (const site of sites) world.server.registry.revoke(site.serverName);
  if (kind === 'as-is')
    await until(world, sites, isRevoked, longestPaceMs + onTopMs, 'the secret was revoked');
  for (const site of sites) enroll(site);
  await until(world, sites, isServedWell, withNewSecretMs, 'a new secret was handed over');
}

function holdsHonoured(site: Site): boolean {
  const { current } = site.media();
  return current !== null && site.host.world.server.registry.honours(current.text.reveal());
}

function labelOf(site: Site): string | null {
  return site.host.runOf(site)?.broker.status().state ?? null;
}

/** With a token that was granted since. */
function isServedWell(site: Site, sinceMs: number): boolean {
  const { world } = site.host;
  const token = site.host.runOf(site)?.broker.token() ?? null;
  if (token === null || !admits(world, token) || labelOf(site) !== 'active') return false;
  return (world.grantOf(token.fingerprint)?.sentAtMs ?? 0) >= sinceMs;
}

function isRevoked(site: Site): boolean {
  const status = site.host.runOf(site)?.broker.status();
  return status?.state === 'revoked' && status.alerts.some(({ code }) => code === 'SECRET_REVOKED');
}

async function until(
  world: World,
  sites: readonly Site[],
  isThere: (site: Site, sinceMs: number) => boolean,
  longestMs: number,
  what: string,
): Promise<void> {
  const sinceMs = world.nowMs();
  const there = (site: Site) => isThere(site, sinceMs);
  while (!sites.every(there) && world.nowMs() < sinceMs + longestMs && world.violations.length === 0) {
    for (const site of sites) reportRefusal(site);
    await world.truth.elapse(20 * second);
  }
  for (const site of sites) {
    const { exercised, violated } = world.verdicts('revocation-leads-back', site);
    exercised();
    if (!there(site)) violated(`an agent is not back after ${what}`, { state: labelOf(site) });
  }
}
