import { Secret, type Fingerprint } from '../../src/domain/secret.ts';
import type { AgentLabel } from '../../src/domain/status.ts';
import { fingerprintOf } from '../../src/platform/fingerprint.ts';
import { short } from './trace.ts';
import type { RunView, SiteView } from './views.ts';

/** What people do to an agent: hand over secrets, right and wrong ones, and ask for a token now. */

const minute = 60_000;
const hour = 60 * minute;
/** A person who was told that the secret could not be stored comes back so often. */
const patience = 6;

/** False where no process could be asked. */
export function handOver(site: SiteView, text: string, again = patience): boolean {
  const { host } = site;
  const run = host.runOf(site);
  if (run === null || host.clock.asleep) return false;
  const secret = fingerprintOf(text);
  run.note('is given a secret', { secret: short(secret) });
  site.tell((observer) => {
    observer.gives?.(secret);
    observer.handsOver?.(secret);
  });
  const { stored, judged } = run.broker.handOver(new Secret(text));
  void told(judged, run, 'was granted', secret);
  void told(stored, run, 'has stored it', secret).then((done) => {
    if (done && run.alive) site.tell((observer) => observer.stored?.(secret));
    if (!done && again > 0) host.world.truth.after(10 * minute, () => handOver(site, text, again - 1));
    return done;
  });
  return true;
}

/** Has the server make a new secret, as `enroll` does, and hands it over. */
export function enroll(site: SiteView): boolean {
  const { host, serverName } = site;
  if (host.runOf(site) === null || host.clock.asleep) return false;
  const { registry } = host.world.server;
  registry.revoke(serverName);
  return handOver(site, host.world.server.create(serverName));
}

export function askForRefresh(site: SiteView): boolean {
  const { host } = site;
  const run = host.runOf(site);
  if (run === null || host.clock.asleep) return false;
  run.note('is asked to refresh');
  site.tell((observer) => observer.asks?.());
  void told(run.broker.refresh(new AbortController().signal), run, 'refreshed');
  return true;
}

/** In these nothing goes on without a person. */
export const waitingForPerson: ReadonlySet<AgentLabel> = new Set([
  'lost',
  'revoked',
  'blocked',
  'unprovisioned',
]);

/** Somebody looks after an agent now and then, and mostly helps where it says that it waits for help. */
export function lookAfter(site: SiteView): void {
  const { world, random } = site.host;
  // Who has an agent that forgets its secret at every restart has help at hand.
  const soonMs = site.settings.store === 'memory' ? 10 * minute : hour;
  world.truth.after(soonMs / 2 + random.below(3 * soonMs), () => {
    if (world.calm) return;
    const state = site.host.runOf(site)?.status.state ?? 'active';
    if (waitingForPerson.has(state) && random.below(4) > 0) enroll(site);
    lookAfter(site);
  });
}

/** Writes down how a request ended; resolves to whether it succeeded. */
async function told(
  ended: Promise<void>,
  run: RunView,
  what: string,
  secret?: Fingerprint,
): Promise<boolean> {
  const fields = secret === undefined ? {} : { secret: short(secret) };
  try {
    await ended;
    run.note(what, fields);
    return true;
  } catch (error) {
    run.note(`${what}: no`, { ...fields, code: (error as { code?: string }).code });
    return false;
  }
}
