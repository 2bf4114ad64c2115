import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Log } from '../ports/log.ts';

/** The channel that is always there: one log line when an alert begins, at the level of its severity, and one when it ends. */
export function createLogChannel(log: Log): AlertChannel {
  return {
    name: 'log',
    isRecord: true,
    deliver: async ({ status, agent, code, severity, since, summary }) => {
      const fields = { agent, code, severity, since, summary };
      // Good news is never an error, however bad the news was that it ends.
      if (status === 'resolved') log.info('alert-resolved', fields);
      else if (severity === 'critical') log.error('alert-firing', fields);
      else if (severity === 'warning') log.warn('alert-firing', fields);
      else log.info('alert-firing', fields);
    },
  };
}
