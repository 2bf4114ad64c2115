import { constants } from 'node:os';
import type { PidFile } from '../../platform/pid-file.ts';
import type { ProcessFacts } from '../../platform/process-facts.ts';
import type { SignalHook } from './hook.ts';

/** Whether a process is the one that a hook means. Pure. */

export interface Meant {
  readonly pid: number;
  readonly signal: SignalHook['signal'];
  /** What its program has to be called. */
  readonly process: string | null;
  /** The pid file that names it. */
  readonly pidFile: (PidFile & { readonly path: string }) | null;
  /** The systemd unit whose main process it is. */
  readonly unit: string | null;
}

export interface Surroundings {
  /** The user that runs the daemon. */
  readonly uid: number;
  /** What the wall clock showed at boot, as far as it is right now, milliseconds. */
  readonly bootWallMs: number;
}

/** Times of files and processes are told by different clocks of the kernel. */
const slackMs = 2_000;
/** The kernel keeps no more of a name. */
const longestName = 15;

/** Why it is not the one; null where it is. */
export function flawOfProcess(meant: Meant, found: ProcessFacts, at: Surroundings): string | null {
  const { pid, process: name, pidFile, unit } = meant;
  if (found.isZombie) return `process ${pid} has ended; start the program again`;
  if (name !== null && found.name !== name.slice(0, longestName))
    return `process ${pid} is ${found.name}, not ${name}, so the program that was meant does not run, or \`process\` is wrong`;
  if (unit !== null && !found.cgroups.some((path) => path.split('/').includes(unit)))
    return `process ${pid} is not in the control group of ${unit} any more; it is restarting, or was replaced`;
  return (pidFile === null ? null : flawOfPidFile(meant, pidFile, found, at)) ?? flawOfHandling(meant, found);
}

function flawOfPidFile(
  { pid, process: name }: Meant,
  { path, uid, writtenMs }: PidFile & { readonly path: string },
  { uids, startedMs }: ProcessFacts,
  { uid: ownUid, bootWallMs }: Surroundings,
): string | null {
  if (uid !== 0 && uid !== ownUid && !uids.includes(uid))
    return `the pid file ${path} belongs to user ${uid}, and process ${pid} to user ${uids[0]}; it has to belong to root, to the user of tokenward or to that of the process`;
  // Whoever names the program is sure of it, whatever the clocks say.
  if (name !== null || bootWallMs + startedMs <= writtenMs + slackMs) return null;
  return `process ${pid} began after the pid file ${path} was written, so the number has gone to another program, or the clock was set; restart the program, or name it with \`process\``;
}

/** A program that is not ready for it yet would be ended by it; what is meant to end it may. */
function flawOfHandling({ pid, signal }: Meant, { name, onSignal }: ProcessFacts): string | null {
  if (signal === 'TERM') return null;
  switch (onSignal(constants.signals[`SIG${signal}`])) {
    case 'default':
      return `process ${pid} (${name}) does nothing with ${signal} and would be ended by it; it may be starting, or is not the program that was meant`;
    case 'ignored':
      return `process ${pid} (${name}) ignores ${signal}; set it up to reload by it, or take another way`;
    default:
      return null;
  }
}
