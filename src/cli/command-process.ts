import { runCommandLine } from './command-line.ts';
import { exitCodeOf } from './exit-code.ts';
import type { Program } from './program.ts';

/** The whole life of a process that runs one command; resolves to its exit code. A file of its own in the build. */
export function commandProcess(args: readonly string[], program: Program): Promise<number> {
  return exitCodeOf(runCommandLine(args, program), program.env);
}
