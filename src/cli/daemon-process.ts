import { exitCodeOf } from './exit-code.ts';
import type { Program } from './program.ts';
import { runDaemon } from './run-daemon.ts';

/** The whole life of a process that is the daemon; resolves to its exit code. A file of its own in the build. */
export function daemonProcess(configPath: string | undefined, program: Program): Promise<number> {
  return exitCodeOf(runDaemon(configPath, program), program.env);
}
