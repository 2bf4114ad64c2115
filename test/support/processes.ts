import { readdir, readFile } from 'node:fs/promises';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** Every process of this host that still runs (proc(5)). */
export async function processes(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(processEntry));
  return found.filter((entry) => entry !== null);
}

export async function childrenOf(parent: number): Promise<readonly ProcessEntry[]> {
  return (await processes()).filter((entry) => entry.parent === parent);
}

/** null for one that has ended by now, or that is a zombie, or the kernel's own. */
async function processEntry(pid: number): Promise<ProcessEntry | null> {
  try {
    const [status, command] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    if (command === '') return null;
    const parent = Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]);
    return { pid, parent, command: command.split('\0').slice(0, -1) };
  } catch {
    return null; // it went away while it was looked at
  }
}
