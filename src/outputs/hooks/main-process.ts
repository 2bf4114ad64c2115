import { access, constants } from 'node:fs/promises';
import { firstLineOf } from '../../domain/foreign-text.ts';
import { environmentOfPrograms, failureOfProgram, runProgram } from '../../platform/run-program.ts';

/** Where distributions have it. */
const programs = ['/usr/bin/systemctl', '/bin/systemctl', '/run/current-system/sw/bin/systemctl'];
const longestComplaint = 200;

/** The main process of a unit, and the unit’s own name where it was asked for by another; or why there is none. */
export async function mainProcess(
  unit: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<{ readonly pid: number; readonly unit: string } | { readonly flaw: string }> {
  const program = await firstThatRuns();
  if (program === null)
    return { flaw: `there is no systemctl on this host to ask for ${unit}; use pid_file instead` };
  const run = {
    command: [program, 'show', '--property=Id', '--property=MainPID', '--', unit],
    env: environmentOfPrograms(env),
    input: null,
    keep: 'all',
    keepAtMost: 4 * 1024,
  } as const;
  const { end, output } = await runProgram(run, signal);
  if (end !== 0)
    return {
      flaw: `systemctl show ${unit} ${failureOfProgram(end)}${firstLineOf(output, longestComplaint)}`,
    };
  return mainProcessIn(output, unit);
}

/** What `systemctl show` says. A unit that is unknown or does not run has the main process 0. */
export function mainProcessIn(
  output: string,
  unit: string,
): { readonly pid: number; readonly unit: string } | { readonly flaw: string } {
  const id = /^Id=(\S+)$/m.exec(output)?.[1] ?? unit;
  const pid = Number(/^MainPID=(\d{1,10})$/m.exec(output)?.[1] ?? Number.NaN);
  if (Number.isNaN(pid)) return { flaw: `systemctl did not say which the main process of ${unit} is` };
  if (pid > 1) return { pid, unit: id };
  return { flaw: `${unit} has no main process; start it, or correct the name` };
}

async function firstThatRuns(): Promise<string | null> {
  for (const program of programs) {
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return program;
  }
  return null;
}
