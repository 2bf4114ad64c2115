import { firstLineOf } from '../../domain/foreign-text.ts';
import { environmentOfPrograms, failureOfProgram, runProgram } from '../../platform/run-program.ts';
import type { RemoteChannel, RemoteParts } from './parts.ts';
import { bodyOf } from './texts.ts';

export interface ExecSettings {
  readonly kind: 'exec';
  /** The absolute path of a program, and its arguments. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly runbooks: string | null;
}

/** How much of what it complains about is told. */
const longestComplaint = 200;

/**
 * Starts a program for each notice, without a shell; the notice is JSON on its standard input. It has taken the notice when it ends
 * with 0. When it is given up, it is killed with all that it has started.
 */
export function createExec(
  { command, runbooks }: ExecSettings,
  { host, env, failure }: RemoteParts,
): RemoteChannel {
  return {
    async deliver(notice, signal) {
      if (notice.superseded) return;
      const run = {
        command,
        env: environmentOfPrograms(env),
        input: `${JSON.stringify(bodyOf(notice, host, runbooks))}\n`,
        keep: 'errors',
        keepAtMost: longestComplaint,
      } as const;
      const { end, output } = await runProgram(run, signal);
      if (end === 0) return;
      const complaint = firstLineOf(output, longestComplaint);
      throw failure('OUTPUT_FAILED', `${command[0]} ${failureOfProgram(end)}${complaint}`);
    },
  };
}
