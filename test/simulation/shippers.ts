import type { Token } from '../../src/domain/token.ts';
import { count } from './tally.ts';
import { short } from './trace.ts';
import type { SiteView, WorldView } from './views.ts';

/** Those who use the token, and say so when they are refused with it; and others who only say so. */

/** Whether the server lets a token in now. */
export function admits({ denial, server }: WorldView, { text }: Token): boolean {
  return denial === null && server.honoursToken(text.reveal());
}

/** Of the token that is served now, true or not; false where there is none, or nobody to tell. */
export function report(site: SiteView, certain = false): boolean {
  const { host } = site;
  const run = host.clock.asleep ? null : host.runOf(site);
  const token = run?.broker.token() ?? null;
  if (run === null || token === null) return false;
  const truth = admits(host.world, token) ? 'false report' : 'true report';
  count(host.world.tally.tokens, certain ? 'certain report' : truth);
  run.note('is told of a rejection', { token: short(token.fingerprint), certain, truth });
  site.tell((observer) => observer.reports?.(run, token, certain));
  run.broker.report({ fingerprint: token.fingerprint, certain });
  return true;
}

/** Sends now and then for a while, and reports each time when it is refused. */
export function ship(site: SiteView, pauseMs: number, forMs: number): void {
  const { world, random } = site.host;
  const waitMs = 1 + random.below(2 * pauseMs);
  if (waitMs > forMs) return;
  world.truth.after(waitMs, () => {
    if (world.calm) return;
    reportRefusal(site);
    ship(site, pauseMs, forMs - waitMs);
  });
}

/** What a shipper says that sends now. */
export function reportRefusal(site: SiteView): void {
  const token = site.host.runOf(site)?.broker.token() ?? null;
  if (token !== null && !admits(site.host.world, token)) report(site);
}
