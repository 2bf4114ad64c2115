import type { Observer, SiteView, Verdicts } from '../views.ts';
import { watchBucket } from './bucket.ts';
import { watchBurials } from './burials.ts';
import { watchCredentials } from './credentials.ts';
import { watchDeadTokens } from './dead-tokens.ts';
import { watchFileOnce } from './file-once.ts';
import { watchIntent } from './intent.ts';
import { watchLocks } from './locks.ts';
import type { InvariantName } from './names.ts';
import { watchNumbers } from './numbers.ts';
import { watchOutage } from './outage.ts';
import { watchPreflight } from './preflight.ts';
import { watchProvedFirst } from './proved-first.ts';
import { watchPublishing } from './publishing.ts';
import { watchRawFirst } from './raw-first.ts';
import { watchReceivedSecrets } from './received-secrets.ts';
import { watchRefusalPace } from './refusal-pace.ts';
import { watchRejectionPace } from './rejection-pace.ts';
import { watchRevocationAlerts } from './revocation-alerts.ts';
import { watchRevoked } from './revoked.ts';
import { watchServedToItsEnd } from './served-to-its-end.ts';
import { watchServing } from './serving.ts';

/** All who watch one agent on one host, each for an invariant of its own. */
export function observersOf(
  site: SiteView,
  verdicts: (name: InvariantName) => Verdicts,
): readonly Observer[] {
  const { story } = site.host.world;
  return [
    watchReceivedSecrets(site, verdicts('received-secrets-survive')),
    watchRawFirst(site, verdicts('raw-before-parsed')),
    watchLocks(site, verdicts('exchange-inside-locks')),
    watchPreflight(site, verdicts('exchange-only-if-writable')),
    watchIntent(site, verdicts('intent-stays-open')),
    watchPublishing(site, verdicts('durable-before-published')),
    watchServing(site, verdicts('no-dead-token-served')),
    watchBucket(site, verdicts('bucket-not-exceeded')),
    watchRefusalPace(site, verdicts('refusal-pace')),
    watchCredentials(site, verdicts('no-credential-deleted')),
    watchRevoked(site, verdicts('not-revoked-after-doubt')),
    watchNumbers(site, verdicts('numbers-only-grow')),
    watchServedToItsEnd(site, verdicts('served-to-its-end')),
    ...revocationObservers(site, verdicts),
    ...(story.outageAlone ? [watchOutage(site, verdicts('outage-needs-no-person'))] : []),
  ];
}

function revocationObservers(
  site: SiteView,
  verdicts: (name: InvariantName) => Verdicts,
): readonly Observer[] {
  return [
    watchDeadTokens(site, verdicts('dead-token-stays-dead')),
    watchProvedFirst(site, verdicts('proved-before-served')),
    watchBurials(site, verdicts('no-burial-without-a-look')),
    watchRejectionPace(site, verdicts('rejection-pace')),
    watchFileOnce(site, verdicts('file-sent-once')),
    watchRevocationAlerts(site, verdicts('death-is-told')),
  ];
}
