import { constants } from 'node:os';
import { startDaemon } from '../daemon.ts';
import { TokenwardError } from '../domain/errors.ts';
import { createLog, standardLogForm, type RootLog } from '../platform/logger.ts';
import { appearance } from '../platform/path-watch.ts';
import { defaultConfigPath, type Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';

/** `tokenward run` as a process: signals and the last exceptions. What the daemon does is in `daemon.ts`. */

/**
 * Runs the daemon until it is told to end. Rejects with a `TokenwardError` where it cannot start or go on, and
 * `SECRET_NOT_PERSISTED` where it had to end with a secret that is nowhere but in memory.
 */
export async function runDaemon(configPath: string | undefined, program: Program): Promise<void> {
  const loadConfig = () => readConfiguration(configPath, program);
  const path = configPath ?? defaultConfigPath(program.env);
  const configSeen = appearance(path);
  const config = loadConfig();
  const log = await createLog({ level: config.log.level, form: standardLogForm(program.env) });
  process.on('uncaughtException', (error) => {
    log.error('uncaught-exception', { error });
    process.exit(1);
  });
  const ended = endSignal(log);
  const hangUp = hangUpSignal();
  const daemon = await startDaemon({ ...program, config, configPath: path, configSeen, loadConfig, log });
  hangUp.tell(() => daemon.reload());
  const failure = await Promise.race([ended, daemon.failure.catch((error: unknown) => ({ error }))]);
  const isSaved = await daemon.stop();
  if (failure !== null) throw failure.error;
  if (!isSaved) throw unsaved();
}

/** Resolves at the first SIGTERM or SIGINT. From then on a second one ends the process at once. */
function endSignal(log: RootLog): Promise<null> {
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

/** SIGHUP asks for a reload. One that comes before anybody can do it is kept; the default would end the process. */
function hangUpSignal(): { tell(listener: () => void): void } {
  let isPending = false;
  let listener = () => {
    isPending = true;
  };
  process.on('SIGHUP', () => listener());
  return {
    tell(told) {
      listener = told;
      if (isPending) told();
    },
  };
}

function unsaved(): TokenwardError {
  const advice =
    'mend the store and start again; where the agent then reports its secret lost, enrol it anew';
  return new TokenwardError(
    'SECRET_NOT_PERSISTED',
    `ended with a new secret that could not be saved; ${advice}`,
  );
}
