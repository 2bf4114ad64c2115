import type { Observer, SiteView, Verdicts } from '../views.ts';

/** Where nothing could be written from the pre-flight on, nothing is sent. */
export function watchPreflight(site: SiteView, { exercised, violated }: Verdicts): Observer {
  if (site.settings.store === 'memory') return {};
  return {
    prepares() {
      if (site.host.unwritableSince !== null) exercised();
    },
    sends({ preparedAt }) {
      const { unwritableSince, trouble, keychain } = site.host;
      if (unwritableSince === null || unwritableSince > preparedAt) return;
      violated('an exchange was sent though its answer could not be kept', {
        disk: trouble?.kind,
        keychain: keychain?.condition,
      });
    },
  };
}
