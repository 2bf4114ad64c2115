import { constants } from 'node:os';
import type { Native } from '../../platform/native.ts';
import { readPidFile } from '../../platform/pid-file.ts';
import { processFacts } from '../../platform/process-facts.ts';
import type { ProcessHold } from '../../platform/process-hold.ts';
import { errorCode } from '../../platform/system-error.ts';
import { failure } from './failure.ts';
import type { HookResult, SignalHook } from './hook.ts';
import { flawOfProcess, type Meant } from './judge-process.ts';
import { mainProcess } from './main-process.ts';

export interface SignalParts {
  readonly native: Pick<Native, 'holdProcess' | 'bootMs'>;
  readonly wallMs: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Sends a signal to the process that the hook means, and to no other: it is held on to first, then looked at, and what is sent
 * goes to the one that was held.
 */
export async function sendSignal(
  hook: SignalHook,
  parts: SignalParts,
  signal: AbortSignal,
): Promise<HookResult> {
  const meant = await find(hook, parts, signal);
  if ('flaw' in meant) return failure(meant.flaw);
  if (meant.pid === process.pid) return failure(`process ${meant.pid} is tokenward itself; correct the path`);
  let held: ProcessHold | null = null;
  try {
    held = parts.native.holdProcess(meant.pid);
    const flaw = judge(meant, parts);
    if (flaw !== null) return failure(flaw);
    held.send(constants.signals[`SIG${hook.signal}`]);
    return { ok: true };
  } catch (error) {
    return failure(whyNot(meant, hook.signal, errorCode(error) ?? 'unknown error'));
  } finally {
    held?.close();
  }
}

async function find(
  { target, process: name, signal: wanted }: SignalHook,
  { env }: SignalParts,
  signal: AbortSignal,
): Promise<Meant | { readonly flaw: string }> {
  if (target.kind === 'unit') {
    const main = await mainProcess(target.unit, env, signal);
    return 'flaw' in main ? main : { ...main, signal: wanted, process: name, pidFile: null };
  }
  const pidFile = await readPidFile(target.path);
  if ('flaw' in pidFile) return pidFile;
  const { pid } = pidFile;
  return { pid, signal: wanted, process: name, pidFile: { ...pidFile, path: target.path }, unit: null };
}

function judge(meant: Meant, { native, wallMs }: SignalParts): string | null {
  const found = processFacts(meant.pid);
  if (found === 'hidden')
    return `process ${meant.pid} is not to be seen in /proc; it has just ended, or /proc hides the processes of others (hidepid, ProtectProc)`;
  const surroundings = { uid: process.geteuid?.() ?? 0, bootWallMs: wallMs() - native.bootMs() };
  return flawOfProcess(meant, found, surroundings);
}

function whyNot({ pid, pidFile }: Meant, name: string, errno: string): string {
  if (errno === 'ESRCH') {
    const whose = pidFile === null ? '' : `the pid file ${pidFile.path} is left from an earlier run: `;
    return `${whose}there is no process ${pid}; start the program again`;
  }
  if (errno === 'EPERM')
    return `not permitted to signal process ${pid}, which belongs to another user; run both as one user, or give tokenward CAP_KILL`;
  return `cannot send ${name} to process ${pid} (${errno})`;
}
