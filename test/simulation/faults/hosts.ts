import { FileJournal } from '../../../src/journal/file-journal.ts';
import type { FaultKind } from '../fault-kinds.ts';
import type { Fault } from '../fault.ts';
import type { Host } from '../host.ts';
import { lookAfter } from '../person.ts';
import { Site } from '../site.ts';
import { short } from '../trace.ts';
import type { World } from '../world.ts';
import { restartLater } from './crashes.ts';

/** More than one of what there should be one of: processes, state folders, disks, machines. */

const minute = 60_000;
const hour = 60 * minute;

/** After a while one of the two is killed, whichever it is. */
function secondDaemon(host: Host): boolean {
  if (host.clock.asleep || host.daemons.length !== 1) return false;
  host.start();
  host.world.truth.after(host.random.below(10 * minute), () => {
    const daemon = host.daemons[host.random.below(host.daemons.length)];
    if (daemon === undefined || host.daemons.length < 2) return;
    host.kill(daemon);
  });
  return true;
}

/** A second state folder that names the same keychain items takes the locks while the first is down. */
function secondStateFolder(host: Host): boolean {
  const { keychain, world, random } = host;
  if (keychain === null || host.clock.asleep || world.nowMs() < hour) return false;
  host.killAll();
  const foreign = host.sites.map(({ settings }) => new Site(host, settings, world.reader, '/state-2'));
  for (const site of foreign) {
    host.media.seedFolder(site.place.folder);
    const { exercised, violated } = world.verdicts('exchange-inside-locks', site);
    site.observers = [
      { prepares: exercised, sends: () => violated('a state folder that does not own the store exchanges') },
    ];
  }
  const intruder = host.start(foreign);
  host.start();
  world.truth.after(minute + random.below(20 * minute), () => {
    host.kill(intruder);
    restartLater(host);
  });
  return true;
}

interface Backup {
  readonly media: Host['media'];
  readonly keychain: Host['keychain'];
}

const backups = new WeakMap<Host, Backup>();

/** Taken at any time, also in the middle of a rotation. */
export function takeBackup(host: Host): void {
  host.note('a backup is taken');
  backups.set(host, { media: host.media.copy(), keychain: host.keychain?.clone() ?? null });
}

/** The machine is off while its disk is replaced. */
function replaced(host: Host, replace: (backup: Backup) => string): boolean {
  const backup = backups.get(host);
  if (backup === undefined) {
    takeBackup(host);
    return false;
  }
  host.powerCut();
  host.note('is restored', { what: replace(backup) });
  for (const site of host.sites) site.tell((observer) => observer.restored?.());
  // What was learnt after the backup is forgotten.
  host.world.rejected.clear();
  restartLater(host);
  return true;
}

function restoreAll(host: Host): boolean {
  return replaced(host, ({ media, keychain }) => {
    host.replace(media.copy(), keychain?.clone() ?? null);
    return 'everything';
  });
}

/** One of the two places only: the other is newer then. */
function restoreOnePlace(host: Host): boolean {
  const older = host.random.below(2) === 0 ? 'store' : 'journal';
  return replaced(host, ({ media, keychain }) => {
    if (keychain !== null) {
      if (older === 'store') host.replace(host.media, keychain.clone());
      else host.replace(media.copy(), host.keychain);
      return older;
    }
    const names = older === 'store' ? ['secret.sealed'] : ['journal.sealed', 'session.sealed'];
    const files = media.files();
    for (const { place } of host.sites) {
      for (const path of names.map((name) => `${place.folder}/${name}`)) {
        const bytes = files.get(path);
        if (bytes !== undefined) host.media.seed(path, bytes);
      }
    }
    host.replace(host.media, null);
    return older;
  });
}

/** A copy of the whole machine begins to run. Whoever looks after it later gives it a secret of its own. */
function cloneMachine(host: Host, world: World): boolean {
  if (world.hosts.length > world.story.hosts) return false;
  const agents = host.sites.map(({ settings }) => settings);
  const keychain = host.keychain?.clone() ?? null;
  const clone = world.add({ name: `${host.name}-clone`, media: host.media.copy(), keychain, agents });
  for (const site of clone.sites) site.serverName = `${site.settings.agent}-clone`;
  clone.start();
  for (const site of clone.sites) lookAfter(site);
  return true;
}

/** What a report of a shipper leads to, as a later start finds it: the token is known to be rejected. */
async function rejectToken(host: Host): Promise<boolean> {
  const [site] = host.sites;
  const [daemon] = host.daemons;
  if (site === undefined || daemon === undefined || host.clock.asleep) return false;
  const { record, session } = site.media();
  const key = site.key();
  if (record === null || session === null || key === null || site.settings.store === 'memory') return false;
  host.kill(daemon);
  const { agent, folder } = site.place;
  const journal = new FileJournal({ disk: host.media, random: host.random, folder, agent });
  await journal.open(key);
  await journal.saveRecord({ ...record, rejectedSequence: session.sequence });
  host.replace(host.media, host.keychain);
  // The same secret may prove to be good after all, and is another token then.
  if (site.settings.exchange) host.world.rejected.add(session.fingerprint);
  site.tell((observer) => observer.marked?.(session.sequence));
  host.note('a token is reported as rejected', { token: short(session.fingerprint) });
  restartLater(host);
  return true;
}

export const hosts = {
  'second-daemon': secondDaemon,
  'second-state-folder': secondStateFolder,
  'backup-restored': restoreAll,
  'store-restored': restoreOnePlace,
  'machine-cloned': cloneMachine,
  'token-rejected': rejectToken,
} as const satisfies Partial<Record<FaultKind, Fault>>;
