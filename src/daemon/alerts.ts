import { join } from 'node:path';
import { createLogChannel } from '../alerts/log-channel.ts';
import { AlertMemory } from '../alerts/memory.ts';
import { AlertRouter } from '../alerts/router.ts';
import { alertChannels } from '../composition/alert-channels.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Running } from './running.ts';

/** Who a daemon tells of its alerts: its log, and the channels of the configuration. */

type Told = Pick<Running, 'host' | 'log' | 'metrics' | 'config'>;

/** It tells nobody before it begins. `remembers`: whether it goes on from what the process before has told. */
export function createAlertRouter({ host, log, metrics, config }: Told, remembers: boolean): AlertRouter {
  const { clock, random, disk } = host;
  return new AlertRouter(channelsOf({ host, log, config }), {
    clock,
    random,
    log,
    meter: (channel) => metrics.alertChannel(channel),
    forget: (channel) => metrics.forgetAlertChannel(channel),
    memory: remembers
      ? new AlertMemory({ disk, random, log, path: join(config.stateDir, 'alerts.json') })
      : noMemory,
  });
}

const noMemory = { load: async () => [], save() {}, async close() {} };

/** Those of the configuration that has just come into use. */
export function useAlertChannels(running: Running): void {
  void running.router.useChannels(channelsOf(running));
}

function channelsOf({ host, log, config }: Omit<Told, 'metrics'>): readonly AlertChannel[] {
  return [createLogChannel(log), ...alertChannels(config.alerts, host)];
}
