import { waitingForPerson } from '../person.ts';
import type { Observer, SiteView, Verdicts } from '../views.ts';

/** In a story that knows no other trouble than an outage, no agent ever says that it waits for a person. */
export function watchOutage(_site: SiteView, { exercised, violated }: Verdicts): Observer {
  let handedOver = false;
  return {
    stored() {
      handedOver = true;
    },
    stepped(run) {
      if (!handedOver) return;
      const { state, secret } = run.status;
      if (waitingForPerson.has(state))
        violated('an agent waits for a person because of an outage', { state });
      if (secret.status === 'in_doubt') exercised();
    },
  };
}
