import { startDaemon } from '../daemon.ts';
import { createLog, standardLogForm } from '../platform/logger.ts';
import { appearance } from '../platform/path-watch.ts';
import { firstEndSignal } from './process-signals.ts';
import { defaultConfigPath, type Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { unsavedSecret } from './unsaved-secret.ts';

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
  const ended = firstEndSignal(log);
  const hangUp = hangUpSignal();
  const daemon = await startDaemon({ ...program, config, configPath: path, configSeen, loadConfig, log });
  hangUp.tell(() => daemon.reload());
  const failure = await Promise.race([ended, daemon.failure.catch((error: unknown) => ({ error }))]);
  const isSaved = await daemon.stop();
  if (failure !== null) throw failure.error;
  if (!isSaved) throw unsavedSecret();
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
