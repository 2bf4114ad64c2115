import { bindSocketCalls, passedDescriptors } from '../../platform/systemd/inherited-sockets.ts';
import { type NotifySocket, openNotifySocket } from '../../platform/systemd/notify-socket.ts';
import { SocketStore } from '../../platform/systemd/socket-store.ts';
import type { ServiceEnvironment, ServiceManager, ServiceManagerParts } from '../service-manager.ts';
import { ServiceTeller } from './service-teller.ts';

/**
 * systemd as the service manager: a file of its own in the build, which has copies of whatever it imports, so that nothing is
 * thrown out of it. What systemd asks for and cannot be done is logged, and the daemon goes on: systemd then ends the unit, or
 * starts it without sockets, as the unit says.
 */
export function openSystemd(
  { native, clock, log }: Omit<ServiceManagerParts, 'env'>,
  given: ServiceEnvironment,
): ServiceManager {
  const notify = openNotify({ native, clock, log }, given.NOTIFY_SOCKET);
  const sockets = openSockets({ native, log }, given);
  const teller = new ServiceTeller({ notify, clock, log, watchdogMs: watchdogMsIn(given) });
  return {
    socketAt: (address) => sockets?.take(address) ?? null,
    tellUnused: (wanted) => sockets?.tellUnused(wanted),
    begin: (agents) => teller.begin(agents),
    serving: () => teller.serving(),
    reloading: () => teller.reloading(process.hrtime.bigint() / 1000n),
    reloaded: () => teller.reloaded(),
    stopping: (atMostMs) => teller.stopping(atMostMs),
    close: () => teller.close(),
  };
}

function openNotify(
  { native, clock, log }: Omit<ServiceManagerParts, 'env'>,
  address: string | undefined,
): NotifySocket {
  const onFailed = (error: unknown) => log.warn('service-notify-failed', { error });
  try {
    if (address !== undefined)
      return openNotifySocket(address, { library: native.systemLibrary(), clock, onFailed });
  } catch (error) {
    onFailed(error);
  }
  return { send: () => {}, close: () => {} };
}

function openSockets(
  { native, log }: Pick<ServiceManagerParts, 'native' | 'log'>,
  given: ServiceEnvironment,
): SocketStore | null {
  const passed = passedDescriptors(given, process.pid);
  if (passed.length === 0) return null;
  const onFailed = (error: unknown) => log.warn('passed-sockets-unusable', { error });
  try {
    const calls = bindSocketCalls(native.systemLibrary());
    const onUnused = (address: string, label: string) =>
      log.warn('passed-socket-unused', { address, name: label, advice });
    return new SocketStore(passed, { calls, onUnused, onFailed });
  } catch (error) {
    onFailed(error);
    return null;
  }
}

const advice =
  'clients that connect to it wait for ever; add a listener with exactly this address, or remove it from the socket unit';

/** Milliseconds; null where the watchdog is off, or meant for another process (sd_watchdog_enabled(3)). */
function watchdogMsIn({ WATCHDOG_USEC: period, WATCHDOG_PID: owner }: ServiceEnvironment): number | null {
  if (owner !== undefined && owner !== String(process.pid)) return null;
  const ms = Number(period) / 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
