import { SecretFileAdoption } from '../../src/daemon/secret-file-adoption.ts';
import { Secret } from '../../src/domain/secret.ts';
import { fingerprintOf } from '../../src/platform/fingerprint.ts';
import type { Log } from '../../src/ports/log.ts';
import { noteOfToken, passed } from './probe-way.ts';
import type { Fields, RunView } from './views.ts';

/** The file in which new secrets are dropped, as a process sees it: the daemon's own adoption of what is in it. */
export function secretFileOf(run: RunView): SecretFileAdoption {
  const { site, daemon, broker } = run;
  const say = (event: string, fields: Fields = {}) => {
    run.note(event, { code: fields['code'] });
    noteOfToken(run, event);
  };
  const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
  return new SecretFileAdoption('/run/secrets/agent', {
    clock: daemon.life.clock,
    random: daemon.random,
    log,
    read: async () => {
      // Long enough that the agent can begin with something else.
      if (site.secretFile !== null) await passed(daemon.life.clock, daemon.random.below(2_000));
      return site.secretFile === null ? null : { secret: new Secret(site.secretFile), mode: 0o600 };
    },
    adopt: async (secret) => {
      const fingerprint = fingerprintOf(secret.reveal());
      const isKnown = site.media().record?.adoptedFile === fingerprint;
      if (!isKnown && run.alive) site.tell((observer) => observer.handsOver?.(fingerprint));
      const adopted = await broker.adopt(secret);
      if (adopted && run.alive) site.tell((observer) => observer.stored?.(fingerprint));
      return adopted;
    },
    onUsable: () => {},
  });
}
