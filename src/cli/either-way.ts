import { setTimeout as pause } from 'node:timers/promises';
import type { DaemonClient } from '../client/daemon-client.ts';
import { wasNotSent } from '../client/socket-request.ts';
import type { Config } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import { findDaemon } from './lookup.ts';

/**
 * Work on an agent that the running daemon does, or, where none runs, this process under the same locks. A daemon may start or
 * end at any moment, so one way failing for that reason leads to the other.
 */
export interface EitherWay<Result> {
  readonly throughDaemon: (daemon: DaemonClient) => Promise<Result>;
  readonly pastDaemon: () => Promise<Result>;
}

const tries = 5;
/** Milliseconds between them: a daemon that starts holds its agents before it listens. */
const pauseMs = 1_000;

/** Rejects as the work does; `AGENT_HELD` only where that lasts. */
export async function eitherWay<Result>(
  config: Config,
  { throughDaemon, pastDaemon }: EitherWay<Result>,
): Promise<Result> {
  const daemon = findDaemon(config);
  for (let left = tries - 1; ; left -= 1) {
    try {
      if (daemon !== null) return await throughDaemon(daemon);
    } catch (error) {
      if (!isNotRunning(error)) throw error;
    }
    try {
      return await pastDaemon();
    } catch (error) {
      const isHeld = error instanceof TokenwardError && error.code === 'AGENT_HELD';
      if (!isHeld || left === 0) throw error;
    }
    await pause(pauseMs);
  }
}

/** Only where the daemon surely got nothing: a secret that is sent twice may look like a stolen one to its server. */
export function isNotRunning(error: unknown): boolean {
  return wasNotSent(error) && error instanceof TokenwardError && error.code === 'DAEMON_NOT_RUNNING';
}
