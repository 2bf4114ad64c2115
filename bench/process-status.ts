import { readFileSync } from 'node:fs';

/** What the kernel tells of a process: proc_pid_status(5). */

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  return numberIn(`/proc/${pid}/status`, 'VmRSS') / 1024;
}

/** How often the main thread, on which all timers run, has gone to sleep by itself, and so has woken up. */
export function sleeps(pid: number): number {
  return numberIn(`/proc/${pid}/status`, 'voluntary_ctxt_switches');
}

function numberIn(file: string, field: string): number {
  const [, digits] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8')) ?? [];
  if (digits === undefined) throw new Error(`${file} has no ${field}`);
  return Number(digits);
}
