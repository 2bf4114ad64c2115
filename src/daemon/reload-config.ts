import { placesIn } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import type { ReloadResult } from '../platform/metrics/config-metrics.ts';
import { applyConfig } from './apply.ts';
import { daemonAlert } from './daemon-alert.ts';
import { socketAddress } from './places.ts';
import { Reloader } from './reloader.ts';
import type { Running } from './running.ts';

/** The reloads of a daemon, and how they are told: a configuration that is not taken concerns every agent. */
export function createReloader(running: Running, load: () => Config): Reloader {
  const { host, log, metrics } = running;
  let since: string | null = null;
  const ended = (result: ReloadResult, reason: string | null) => {
    metrics.configReloaded(result);
    const alert = reason === null ? null : daemonAlert(host.clock, 'CONFIG_INVALID', rejectionText(reason));
    since = alert === null ? null : (since ?? alert.since);
    const standing = alert === null || since === null ? null : { ...alert, since };
    if (standing !== null) running.router.updateDaemon(standing);
    for (const broker of running.brokers.values()) broker.setCondition('config', standing);
    if (standing === null) running.router.updateDaemon(null);
  };
  return new Reloader({
    clock: host.clock,
    log,
    load,
    apply: async (config) => {
      running.service.reloading();
      try {
        return await applyConfig(running, config);
      } finally {
        running.service.tellUnused(placesIn(running.config).map(socketAddress));
        running.service.reloaded();
      }
    },
    ended,
  });
}

/** One line, however much is wrong: the log has all of it, and so has the command. */
function rejectionText(reason: string): string {
  const [first, ...others] = reason.split('\n');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `the changed configuration is not used, and the one before goes on: ${first}${more}; see \`tokenward check\``;
}
