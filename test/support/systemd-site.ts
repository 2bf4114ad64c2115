import { join } from 'node:path';
import type { Daemon, DaemonOptions } from './daemon.ts';
import type { Installation } from './installation.ts';
import { NotifyReceiver, type RawSocket } from './raw-sockets.ts';

/** A daemon that was started as systemd starts it: with a place to tell it how it is, a watchdog, and sockets. */
export interface ServiceOptions {
  readonly notifyAddress?: string;
  readonly watchdogMs?: number;
  readonly sockets?: readonly RawSocket[];
  readonly socketNames?: readonly string[];
}

/** The shell makes itself the process that the sockets are passed to, and becomes the daemon. */
const asOurself = ['/bin/sh', '-c', 'export LISTEN_PID=$$; exec "$@"', 'sh'];

export function runService(
  site: Installation,
  { notifyAddress, watchdogMs, sockets = [], socketNames = [] }: ServiceOptions,
): Daemon {
  const env = {
    ...site.env,
    ...(notifyAddress !== undefined && { NOTIFY_SOCKET: notifyAddress }),
    ...(watchdogMs !== undefined && { WATCHDOG_USEC: String(watchdogMs * 1000) }),
    ...(sockets.length > 0 && { LISTEN_FDS: String(sockets.length), LISTEN_FDNAMES: socketNames.join(':') }),
  };
  const options: DaemonOptions = {
    env,
    through: asOurself,
    passed: sockets.map(({ descriptor }) => descriptor),
  };
  return site.run(options);
}

export function notifyReceiver(site: Installation): { receiver: NotifyReceiver; notifyAddress: string } {
  const notifyAddress = join(site.folder, 'notify');
  return { receiver: new NotifyReceiver(notifyAddress), notifyAddress };
}
