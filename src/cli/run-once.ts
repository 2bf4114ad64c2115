import { runOnce } from '../daemon/once.ts';
import { parseDuration } from '../domain/duration.ts';
import { errorClasses, TokenwardError } from '../domain/errors.ts';
import { createLog, standardLogForm } from '../platform/logger.ts';
import { reportFailure } from './failure.ts';
import { firstEndSignal } from './process-signals.ts';
import type { Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { unsavedSecret } from './unsaved-secret.ts';

/** `tokenward run --once` as a process. */

export interface RunOnceOptions {
  readonly config?: string | undefined;
  readonly deadline?: string | undefined;
}

const usualDeadline = '30s';
const longestDeadlineMs = 24 * 60 * 60_000;

/** Gravest first: who runs this in a loop must hear of what no repetition mends. */
const byGravity = ['bug', 'configuration', 'refused', 'unavailable', 'try-again', 'usage'] as const;

/** Rejects with the `TokenwardError` of the gravest failure, whose class is the exit code. The other ones are told before. */
export async function runOnceProcess(
  { config: path, deadline = usualDeadline }: RunOnceOptions,
  program: Program,
): Promise<void> {
  const deadlineMs = parseDuration(deadline);
  if (deadlineMs === null || deadlineMs < 1 || deadlineMs > longestDeadlineMs)
    throw new TokenwardError('USAGE', '--deadline takes a duration with its unit, up to 24h, such as 30s');
  const config = readConfiguration(path, program);
  const log = await createLog({ level: config.log.level, form: standardLogForm(program.env) });
  const interruption = new AbortController();
  void firstEndSignal(log).then(() => interruption.abort());
  // There is nothing to reload, and the default would end the process in the middle of a save.
  process.on('SIGHUP', () => {});
  const { agents, saved } = await runOnce({
    ...program,
    config,
    log,
    deadlineMs,
    interrupted: interruption.signal,
  });
  const failures = agents.flatMap(({ failure }) => failure ?? []);
  if (!saved && !failures.some(({ code }) => code === 'SECRET_NOT_PERSISTED')) failures.push(unsavedSecret());
  const [gravest, ...others] = failures.toSorted((one, other) => gravity(one) - gravity(other));
  for (const failure of others) reportFailure(failure, program.env);
  if (gravest !== undefined) throw gravest;
}

function gravity({ code }: TokenwardError): number {
  return byGravity.indexOf(errorClasses[code]);
}
