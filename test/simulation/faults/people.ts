import type { FaultKind } from '../fault-kinds.ts';
import type { Fault } from '../fault.ts';
import type { Host } from '../host.ts';
import { askForRefresh, enroll, handOver } from '../person.ts';
import type { Site } from '../site.ts';

/** What people and other programs do while the daemon runs. */

function someSite(host: Host): Site | undefined {
  return host.sites[host.random.below(host.sites.length)];
}

/** With an agent of the host, if there is one that can be asked. */
function withSite(deed: (site: Site, host: Host) => boolean): Fault {
  return (host) => {
    const site = someSite(host);
    return site !== undefined && deed(site, host);
  };
}

function wrongSecret(site: Site, host: Host): boolean {
  return handOver(site, `a wrong secret, ${host.random.uuid()}`, 0);
}

function spentSecret(site: Site): boolean {
  const previous = site.media().record?.previous ?? null;
  return previous !== null && handOver(site, previous.text.reveal(), 0);
}

function sameSecretAgain(site: Site, host: Host): boolean {
  const { current, candidate } = site.media();
  const secret = host.random.below(2) === 0 ? current : (candidate ?? current);
  return secret !== null && handOver(site, secret.text.reveal(), 0);
}

function removeLockFile(site: Site, host: Host): boolean {
  host.locks.removeFile(site.lockPaths[host.random.below(2)] ?? site.lockPaths[0]);
  host.lockRemovedAt = host.world.step();
  host.note('a lock file is removed', { agent: site.settings.agent });
  return true;
}

export const people = {
  'right-secret': withSite((site) => enroll(site)),
  'wrong-secret': withSite(wrongSecret),
  'spent-secret': withSite((site) => spentSecret(site)),
  'same-secret-again': withSite(sameSecretAgain),
  'forced-refresh': withSite((site) => askForRefresh(site)),
  'lock-file-removed': withSite(removeLockFile),
} as const satisfies Partial<Record<FaultKind, Fault>>;
