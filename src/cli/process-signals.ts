import { constants } from 'node:os';
import type { RootLog } from '../platform/logger.ts';

/** Resolves at the first SIGTERM or SIGINT. From then on a second one ends the process at once. */
export function firstEndSignal(log: RootLog): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  let isEnding = false;
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => {
    log.info('signal-received', { signal });
    if (isEnding) process.exit(128 + constants.signals[signal]);
    isEnding = true;
    resolve(null);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return promise;
}
