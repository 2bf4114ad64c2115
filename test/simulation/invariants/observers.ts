import type { Observer, SiteView, Verdicts } from '../views.ts';
import { watchBucket } from './bucket.ts';
import { watchCredentials } from './credentials.ts';
import { watchIntent } from './intent.ts';
import { watchLocks } from './locks.ts';
import type { InvariantName } from './names.ts';
import { watchNumbers } from './numbers.ts';
import { watchOutage } from './outage.ts';
import { watchPreflight } from './preflight.ts';
import { watchPublishing } from './publishing.ts';
import { watchRawFirst } from './raw-first.ts';
import { watchReceivedSecrets } from './received-secrets.ts';
import { watchRefusalPace } from './refusal-pace.ts';
import { watchRevoked } from './revoked.ts';
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
    ...(story.outageAlone ? [watchOutage(site, verdicts('outage-needs-no-person'))] : []),
  ];
}
