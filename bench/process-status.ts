import { readFileSync, readdirSync } from 'node:fs';

/** What the kernel tells of a process: proc_pid_status(5). */

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  return numberIn(`/proc/${pid}/status`, 'VmRSS') / 1024;
}

/** How often any thread of the process has gone to sleep by itself, and so has woken up. */
export function sleeps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => numberIn(`/proc/${pid}/task/${thread}/status`, 'voluntary_ctxt_switches'))
    .reduce((sum, count) => sum + count, 0);
}

function numberIn(file: string, field: string): number {
  const [, digits] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8')) ?? [];
  if (digits === undefined) throw new Error(`${file} has no ${field}`);
  return Number(digits);
}
