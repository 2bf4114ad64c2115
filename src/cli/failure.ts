import { asTokenwardError, errorClasses } from '../domain/errors.ts';
import { isJournal, journalPrefixes } from '../platform/journal-stream.ts';
import { formatSpan } from './format.ts';

/** Tells the user why a command failed, in one line for each problem, and gives the exit code. */
export function reportFailure(error: unknown, env: NodeJS.ProcessEnv): number {
  const { message, code, exitCode, retryAfterMs } = asTokenwardError(error);
  const prefix = isJournal(process.stderr.fd, env) ? journalPrefixes.error : '';
  for (const line of message.split('\n')) process.stderr.write(`${prefix}tokenward: ${line} (${code})\n`);
  if (retryAfterMs !== null && errorClasses[code] === 'try-again')
    process.stderr.write(`${prefix}tokenward: try again in ${formatSpan(retryAfterMs / 1000)}\n`);
  if (env['TOKENWARD_DEBUG'] === '1') process.stderr.write(`${stackOf(error)}\n`);
  return exitCode;
}

/** With its causes, but without what `util.inspect` would show of fields and buffers. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack}${cause}`;
}
