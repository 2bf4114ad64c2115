import type { Severity } from '../domain/status.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Log } from '../ports/log.ts';

const levels = { info: 'info', warning: 'warn', critical: 'error' } as const satisfies Record<
  Severity,
  keyof Log
>;

/** The channel that is always there: one log line when an alert begins, at the level of its severity, and one when it ends. */
export function createLogChannel(log: Log): AlertChannel {
  return {
    name: 'log',
    deliver: async ({ status, ...fields }) => {
      if (status === 'firing') log[levels[fields.severity]]('alert-firing', fields);
      // Good news is never an error, however bad the news was that it ends.
      else log.info('alert-resolved', fields);
    },
  };
}
