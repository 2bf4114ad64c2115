import { exitCodeOf } from './exit-code.ts';
import type { Program } from './program.ts';
import { runOnceProcess, type RunOnceOptions } from './run-once.ts';

/** The whole life of a process that is `run --once`; resolves to its exit code. A file of its own in the build. */
export function onceProcess(options: RunOnceOptions, program: Program): Promise<number> {
  return exitCodeOf(runOnceProcess(options, program), program.env);
}
